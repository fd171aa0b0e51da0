
// What is written in a form of the studio and not saved yet is kept in this tab, and offered when its page is opened again.
(() => {
  const studio = document.querySelector('.studio[data-who]');
  if (!studio) return;
  const address = new URL(location), done = address.searchParams.has('done');
  // Said once: whoever comes back to this page later has saved nothing by that.
  if (done) { address.searchParams.delete('done'); history.replaceState(history.state, '', address); }
  const read = (key) => { try { return JSON.parse(sessionStorage.getItem(key)) || {}; } catch { return {}; } };
  // A browser that keeps nothing, or no more, is no reason to stop anybody from writing.
  const keep = (key, kept) => { try { if (kept.words || kept.asked || kept.left) sessionStorage.setItem(key, JSON.stringify(kept)); else sessionStorage.removeItem(key); } catch { /* */ } };
  const boxes = (form) => [...form.elements].filter((e) => e.name && e.type !== 'hidden' && !e.hidden && /^(INPUT|SELECT|TEXTAREA)$/.test(e.tagName));
  const ticks = (e) => e.type === 'checkbox';
  const id = (e) => ticks(e) ? `${e.name}=${e.value}` : e.name;
  const now = (e) => ticks(e) ? e.checked : e.value;
  const was = (e) => ticks(e) ? e.defaultChecked : e.tagName === 'SELECT' ? ([...e.options].find((o) => o.defaultSelected) || e.options[0] || {value: ''}).value : e.defaultValue;
  // The words of a box's label, without its key and its help.
  const called = (e) => { const l = e.closest('label, fieldset'), t = l && document.createTreeWalker(l, NodeFilter.SHOW_TEXT); while (t && t.nextNode()) if (t.currentNode.data.trim()) return t.currentNode.data.trim().slice(0, 80); return e.name; };
  // What a page had in its boxes: words go back into a page that still has the same.
  const laid = (form) => { let sum = 7; for (const c of JSON.stringify(boxes(form).map((e) => [id(e), was(e)]))) sum = (Math.imul(sum, 31) + c.charCodeAt(0)) | 0; return sum; };
  const make = (tag, text, within) => { const e = document.createElement(tag); e.textContent = text; if (within) within.append(e); return e; };

  for (const form of studio.querySelectorAll('form[data-draft]')) {
    const whole = form.dataset.draft === 'file', hidden = (name) => form.elements[name].value;
    const key = ['draft', studio.dataset.who, form.action, hidden('file'), whole ? '' : hidden('part')].join('|');
    // words: of this page; asked: of one before, to be put back or let go; left: what no page has a box for any more.
    const kept = read(key), shape = whole ? 0 : laid(form), at = new Map(boxes(form).map((e) => [id(e), e]));
    // A page that answers a form which could not be kept has what was sent in its boxes: it is unsaved all the same.
    const last = kept.words, held = last && last.sent && studio.dataset.unsaved !== undefined ? last : null;
    const store = () => keep(key, kept), leave = (one) => { if (one.words.length) kept.left = [...(kept.left || []), one]; };
    let waiting = 0;

    const write = () => {
      clearTimeout(waiting); waiting = 0;
      const sent = new Set(held ? held.words.map(([name]) => name) : []);
      const words = boxes(form).filter((e) => now(e) !== was(e) || sent.has(id(e))).map((e) => [id(e), now(e), called(e)]);
      if (words.length) kept.words = {words, number: hidden('saved'), shape: held ? held.shape : shape, at: Date.now()}; else delete kept.words;
      store();
    };
    form.addEventListener('input', () => { waiting = waiting || setTimeout(write, 400); });
    window.addEventListener('pagehide', () => { if (waiting) write(); });
    // The others who look at a submission have had their say by then.
    document.addEventListener('submit', (e) => { if (e.target !== form || e.defaultPrevented) return; write(); if (kept.words) { kept.words.sent = true; store(); } });

    const notice = (words, ways) => {
      const box = make('div', '', null), row = make('p', '', null);
      box.className = 'notice info draft'; box.setAttribute('role', 'status');
      make('p', words, box);
      for (const [label, work] of ways) { const b = make('button', label, row); b.type = 'button'; b.addEventListener('click', () => { box.remove(); work(); }); row.append(' '); }
      box.append(row); form.prepend(box);
      return row;
    };
    const when = (time) => new Date(time).toLocaleString('en-GB', {dateStyle: 'medium', timeStyle: 'short'});
    const show = (one) => {
      const row = notice(`Written here and not saved (${when(one.at)}), and the page is another one since. Copy what you want to keep:`,
        [['I have what I need', () => { kept.left = kept.left.filter((l) => l !== one); if (!kept.left.length) delete kept.left; store(); }]]);
      for (const [, value, name] of one.words) row.before(make('p', name, null), make('pre', value === true ? 'ticked' : value === false ? 'not ticked' : value, null));
    };
    const back = () => {
      const one = kept.asked, fits = ([name]) => at.has(name) && now(at.get(name)) === was(at.get(name));
      const found = one.words.filter(fits), lost = {at: one.at, words: one.words.filter((w) => !fits(w))};
      delete kept.asked;
      for (const [name, value] of found) {
        const e = at.get(name);
        if (ticks(e)) e.checked = value; else e.value = value;
        for (let d = e.closest('details'); d; d = d.parentElement.closest('details')) d.open = true;
      }
      // The room then puts together what was written and what has been saved since.
      if (whole && found.length) form.elements.saved.value = one.number;
      if (lost.words.length) { leave(lost); show(lost); }
      if (found.length) { const first = at.get(found[0][0]); first.focus(); first.dispatchEvent(new Event('input', {bubbles: true})); }
      store();
    };

    if (last && !held) {
      const saved = last.sent && done && Number(hidden('saved')) > Number(last.number);
      const there = last.words.every(([name, value]) => at.has(name) && was(at.get(name)) === value);
      if (!saved && !there) {
        // What was offered already stays offered; where the same box was written in again, the later words are.
        const again = new Map(last.words), one = kept.asked;
        if (one && one.shape === last.shape) {
          leave({at: one.at, words: one.words.filter(([name, value]) => again.has(name) && again.get(name) !== value)});
          last.words = [...one.words.filter(([name]) => !again.has(name)), ...last.words];
        } else if (one) leave(one);
        kept.asked = last;
      }
      delete kept.words;
    }
    if (kept.asked && !whole && kept.asked.shape !== shape) { leave(kept.asked); delete kept.asked; }
    store();
    for (const one of kept.left || []) show(one);
    if (kept.asked) {
      if (whole) form.closest('details').open = true;
      const names = [...new Set(kept.asked.words.map(([, , name]) => name))], more = names.length - 5;
      notice(`Written here and not saved (${when(kept.asked.at)}): ${names.slice(0, 5).join(', ')}${more > 0 ? ` and ${more} more` : ''}.`, [['Put it back', back], ['Let it go', () => { delete kept.asked; store(); }]]);
    }
  }
})();
