(() => { const forms = [...document.querySelectorAll('.judge')]; let at = -1;
const go = (i) => { at = Math.max(0, Math.min(forms.length - 1, i)); const f = forms[at]; f.scrollIntoView({block: 'center'}); const first = f.querySelector('input[type=radio], select'); if (first) first.focus(); };
document.addEventListener('focusin', (e) => { const f = e.target.closest('.judge'); if (f) at = forms.indexOf(f); });
document.addEventListener('keydown', (e) => { const tag = e.target.tagName, typing = tag === 'TEXTAREA' || (tag === 'INPUT' && e.target.type === 'text') || (tag === 'INPUT' && !e.target.type);
if (e.ctrlKey && e.key === 'Enter') { const sign = e.shiftKey && document.querySelector('button[data-sign]'), near = e.target.closest('.judge, .beside'), by = sign || (near && near.querySelector('button[name=at]')), f = (by || e.target).form || e.target.closest('form') || document.getElementById('judge');
if (f) { e.preventDefault(); f.requestSubmit(by && by.form === f ? by : undefined); } return; }
if (typing || tag === 'SELECT' || e.ctrlKey || e.altKey || e.metaKey || (tag === 'INPUT' && e.target.type !== 'radio')) return;
if (e.key === 'j') { e.preventDefault(); go(at + 1); } else if (e.key === 'k') { e.preventDefault(); go(at - 1); }
else if (e.key === 'a' && at >= 0) { e.preventDefault(); forms[at].querySelectorAll('input[value=agree]').forEach((r) => { r.checked = true; }); }
else if (e.key === 'p') { const s = e.target.closest('fieldset'), o = s && s.querySelector('input[value=partly]'); if (o) { e.preventDefault(); o.checked = true; } }
else if (/^[1-5]$/.test(e.key)) { const s = e.target.closest('fieldset'); if (s && s.querySelector('select')) { e.preventDefault(); s.querySelector('select').value = e.key; const o = s.querySelector('input[value=override]'); if (o && !s.querySelector('input[value=partly]:checked')) o.checked = true; } } });
})();

// Words that are selected in a turn go into the form beneath it.
document.addEventListener('selectionchange', () => { const s = document.getSelection(); if (!s || s.isCollapsed || !s.anchorNode) return;
const from = s.anchorNode.parentElement && s.anchorNode.parentElement.closest('article.turn'); if (!from || !from.contains(s.focusNode)) return;
let next = from.nextElementSibling; while (next && !next.querySelector('input[name^=quote]')) { if (next.matches('article.turn')) return; next = next.nextElementSibling; }
if (next) { const words = s.toString().trim().replace(/\s+/g, ' ').slice(0, 500); for (; next && !next.matches('article.turn'); next = next.nextElementSibling) next.querySelectorAll('input[name^=quote]').forEach((q) => { q.value = words; }); } });
// While the partners answer, the button says so and cannot be pressed twice; the clock of a drill counts down.
document.addEventListener('submit', (e) => { const b = e.target.querySelector('button[data-busy]'); if (b) { b.textContent = b.dataset.busy; b.disabled = true; b.setAttribute('aria-busy', 'true'); } });
document.addEventListener('keydown', (e) => { const f = e.target.closest && e.target.closest('form.drill'); if (f && e.ctrlKey && e.key === 'Enter') { e.preventDefault(); f.requestSubmit(); } });
(() => { const c = document.querySelector('[data-until]'); if (!c) return; const tick = () => { const left = Math.max(0, Math.round((Number(c.dataset.until) - Date.now()) / 1000));
c.textContent = left ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')} left of five minutes` : 'Five minutes are over: that is enough for one moment.'; if (left) setTimeout(tick, 1000); }; tick(); })();
// A section that reports on work in the background is read again every few seconds; when the work ends, the whole page is.
(() => { const s = document.querySelector('section[data-live]'); if (!s) return; const look = () => fetch(location.pathname).then((a) => a.text()).then((t) => { const now = new DOMParser().parseFromString(t, 'text/html').getElementById(s.id);
if (!now || !now.dataset.live) { location.replace(location.pathname); return; } s.querySelector('p').replaceWith(now.querySelector('p')); setTimeout(look, 1000 * s.dataset.live); }, () => setTimeout(look, 15000)); setTimeout(look, 1000 * s.dataset.live); })();
// In the studio, a link to a key of a file opens what is folded around it and marks its line in the YAML.
(() => { const near = (id) => { for (let p = id; p; p = p.includes('.') ? p.slice(0, p.lastIndexOf('.')) : '') { const e = document.getElementById(p); if (e) return e; } return null; };
const studio = document.querySelector('.studio'); if (!studio) return;
// Whoever comes back to the answer of a form that was refused comes to the page, and is not asked to send it anew.
if (studio.dataset.here) history.replaceState(null, '', studio.dataset.here);
// The file is folded behind the form; where it was open before in this tab, it is open again.
const fold = studio.querySelector('.as-file'), yaml = studio.querySelector('textarea[data-line]'), was = (v) => { try { return v === undefined ? sessionStorage.getItem('as-file') : sessionStorage.setItem('as-file', v); } catch { return null; } };
const mark = () => { if (!yaml || (fold && !fold.open)) return; const lines = yaml.value.split('\n'), at = Math.min(Number(yaml.dataset.line), lines.length) - 1; const from = lines.slice(0, at).reduce((n, l) => n + l.length + 1, 0);
yaml.focus({preventScroll: true}); yaml.setSelectionRange(from, from + lines[at].length); yaml.scrollTop = Math.max(0, (at - 5) * parseFloat(getComputedStyle(yaml).lineHeight)); };
if (fold) { if (was() === 'open') fold.open = true; fold.addEventListener('toggle', () => { if ((was() === 'open') !== fold.open) { was(fold.open ? 'open' : ''); mark(); } }); }
mark();
const go = () => { let id = studio.dataset.focus || ''; try { id = decodeURIComponent(location.hash.slice(1)) || id; } catch { return; } const e = id && near(id); if (!e || !studio.contains(e)) return;
// The head of an item is gone to with the item as it is.
for (let d = e.matches('summary') ? e.parentElement.parentElement.closest('details') : e.closest('details'); d; d = d.parentElement.closest('details')) d.open = true;
if (e === fold) { mark(); (yaml || fold).scrollIntoView({block: 'center'}); return; }
const box = e.matches('summary, button') ? e : e.querySelector('input:not([type=hidden]), select, textarea, summary') || e; box.focus({preventScroll: true}); e.scrollIntoView({block: e.offsetHeight > innerHeight / 2 ? 'start' : 'center'}); };
// The browser goes to the place itself once the page is there, and takes the focus away.
go(); window.addEventListener('load', () => setTimeout(go)); window.addEventListener('hashchange', go);
studio.addEventListener('click', (e) => { if (e.target.closest('a[href^="#"]')) setTimeout(go); });
// Several lines in a box for one are told at once, and not only when it is saved.
studio.addEventListener('input', (e) => { if (!e.target.matches('[data-spoken]')) return; const said = e.target.nextElementSibling, there = said && said.matches('.breaks'), broken = e.target.value.trim().includes('\n');
if (broken && !there) { const s = document.createElement('span'); s.className = 'wrong breaks'; s.setAttribute('role', 'status'); s.textContent = studio.dataset.breaks; e.target.after(s); } else if (!broken && there) said.remove(); });
// A page has two forms, and saving one leaves the other behind: what is unsaved in it is asked about first.
const forms = [...studio.querySelectorAll('form[data-kept]')], changed = new Set(); let leaving = false;
studio.addEventListener('input', (e) => { const f = e.target.closest('form[data-kept]'); if (f) changed.add(f); });
studio.addEventListener('submit', (e) => { if (forms.some((f) => f !== e.target && changed.has(f)) && !confirm(e.target.dataset.kept)) { e.preventDefault(); return; } leaving = true; });
window.addEventListener('beforeunload', (e) => { if ((changed.size || studio.dataset.unsaved !== undefined) && !leaving) e.preventDefault(); }); })();
