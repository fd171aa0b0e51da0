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
