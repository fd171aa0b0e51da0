(() => { const forms = [...document.querySelectorAll('form.judge')]; let at = -1;
const go = (i) => { at = Math.max(0, Math.min(forms.length - 1, i)); const f = forms[at]; f.scrollIntoView({block: 'center'}); const first = f.querySelector('input[type=radio], select'); if (first) first.focus(); };
document.addEventListener('focusin', (e) => { const f = e.target.closest('form.judge'); if (f) at = forms.indexOf(f); });
document.addEventListener('keydown', (e) => { const tag = e.target.tagName, typing = tag === 'TEXTAREA' || (tag === 'INPUT' && e.target.type === 'text') || (tag === 'INPUT' && !e.target.type);
if (e.ctrlKey && e.key === 'Enter') { const f = e.target.closest('form'); if (f) { e.preventDefault(); f.requestSubmit(); } return; }
if (typing || e.ctrlKey || e.altKey || e.metaKey || (tag === 'INPUT' && e.target.type !== 'radio')) return;
if (e.key === 'j') { e.preventDefault(); go(at + 1); } else if (e.key === 'k') { e.preventDefault(); go(at - 1); }
else if (e.key === 'a' && at >= 0) { e.preventDefault(); forms[at].querySelectorAll('input[value=agree]').forEach((r) => { r.checked = true; }); }
else if (/^[1-5]$/.test(e.key) && tag !== 'SELECT') { const s = e.target.closest('fieldset'); if (s && s.querySelector('select')) { e.preventDefault(); s.querySelector('select').value = e.key; const o = s.querySelector('input[value=override]'); if (o) o.checked = true; } } });
})();

// Words that are selected in a turn go into the form beneath it.
document.addEventListener('selectionchange', () => { const s = document.getSelection(); if (!s || s.isCollapsed || !s.anchorNode) return;
const from = s.anchorNode.parentElement && s.anchorNode.parentElement.closest('article.turn'); if (!from || !from.contains(s.focusNode)) return;
let next = from.nextElementSibling; while (next && !next.querySelector('input[name=quote]')) { if (next.matches('article.turn')) return; next = next.nextElementSibling; }
if (next) next.querySelector('input[name=quote]').value = s.toString().trim().replace(/\s+/g, ' ').slice(0, 500); });
// While the partners answer, the button says so and cannot be pressed twice; the clock of a drill counts down.
document.addEventListener('submit', (e) => { const b = e.target.querySelector('button[data-busy]'); if (b) { b.textContent = b.dataset.busy; b.disabled = true; b.setAttribute('aria-busy', 'true'); } });
document.addEventListener('keydown', (e) => { const f = e.target.closest && e.target.closest('form.drill'); if (f && e.ctrlKey && e.key === 'Enter') { e.preventDefault(); f.requestSubmit(); } });
(() => { const c = document.querySelector('[data-until]'); if (!c) return; const tick = () => { const left = Math.max(0, Math.round((Number(c.dataset.until) - Date.now()) / 1000));
c.textContent = left ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')} left of five minutes` : 'Five minutes are over: that is enough for one moment.'; if (left) setTimeout(tick, 1000); }; tick(); })();
