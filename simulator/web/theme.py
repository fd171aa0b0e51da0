"""Look and keys of the pages: a quiet room, light and dark, no outside font or script."""

from __future__ import annotations

from html import escape

import gradio as gr

from simulator.people import Person, may

THEME = gr.themes.Base(
    primary_hue="teal",
    neutral_hue="slate",
    font=["system-ui", "sans-serif"],
    font_mono=["ui-monospace", "monospace"],
    text_size=gr.themes.sizes.text_lg,
).set(
    button_primary_background_fill="*primary_700",
    button_primary_background_fill_hover="*primary_800",
    button_primary_background_fill_dark="*primary_700",
    button_primary_background_fill_hover_dark="*primary_600",
    button_primary_text_color="white",
    block_label_text_color="*neutral_600",
    block_title_text_color="*neutral_600",
    block_label_text_color_dark="*neutral_300",
    block_title_text_color_dark="*neutral_300",
    input_placeholder_color="*neutral_500",
    input_placeholder_color_dark="*neutral_400",
)

CSS = """
:root { --a: #0f766e; --b: #86198f; --t: #334155; --tint-a: #f0fdfa; --tint-b: #fdf4ff; --tint-t: #f8fafc;
  --helps: #d1fae5; --hurts: #fee2e2; --mixed: #fef3c7; --ink: #1e293b; --quiet: #475569; --line: #cbd5e1; }
.dark { --a: #5eead4; --b: #f0abfc; --t: #cbd5e1; --tint-a: #0b2624; --tint-b: #2a1030; --tint-t: #1e293b;
  --helps: #14532d; --hurts: #7f1d1d; --mixed: #713f12; --ink: #e2e8f0; --quiet: #b6c2d1; --line: #475569; }
.gradio-container { max-width: 76rem !important; margin: 0 auto; color: var(--ink); font-size: 17px; }
.gradio-container h1 { font-size: 1.25rem !important; margin: .1rem 0 !important; }
.transcript, .brief, .debrief { max-width: 44rem; line-height: 1.55; }
#address, #notice:not(:has(.notice)) { display: none !important; }
.transcript { max-height: max(14rem, calc(100vh - 30rem)); overflow-y: auto; padding: .25rem .5rem .5rem 0; scroll-behavior: smooth; }
.review .transcript { max-height: none; }
.turn { border-left: 4px solid var(--line); padding: .35rem .8rem; margin: .55rem 0; border-radius: 0 .4rem .4rem 0; }
.turn p { margin: .15rem 0; overflow-wrap: anywhere; }
.turn.a { border-left: 4px solid var(--a); background: var(--tint-a); }
.turn.b { border-left: 4px double var(--b); background: var(--tint-b); }
.turn.t { border-left: 4px dotted var(--t); background: var(--tint-t); margin-left: 1.5rem; }
.turn.a header strong, .who.a strong { color: var(--a); }
.turn.b header strong, .who.b strong { color: var(--b); }
.turn.t header strong { color: var(--t); }
.turn .to, .answering, .taken, .facts, .sure, .number, .trouble { color: var(--quiet); font-size: .9em; }
.answering { font-style: italic; padding-left: .8rem; }
#present .info-text { color: var(--quiet); }
.change { text-align: center; color: var(--quiet); font-size: .9em; border-top: 1px dashed var(--quiet); padding-top: .4rem; }
.links { font-size: .95rem; margin-bottom: .3rem; display: flex; flex-wrap: wrap; gap: .3rem 1rem; } .links button { text-decoration: underline; } .links a { color: var(--a); text-decoration: underline; margin-right: 1rem; }
.scores { border-top: 1px solid var(--line); margin-top: .5rem; padding-top: .35rem; font-size: .95rem; }
.scores ul { list-style: none; padding: 0; margin: 0; }
.scores > ul > li { margin: .3rem 0; }
.scores .skill { display: inline-block; min-width: 11.5rem; color: var(--quiet); }
.scores .why { display: block; }
.scores .none span { color: var(--quiet); }
.scores details ul { padding-left: 1rem; }
.effect { border: 1px solid var(--line); border-radius: .3rem; padding: 0 .3rem; font-size: .85em; }
mark { color: inherit; border-radius: .2rem; padding: 0 .1rem; }
mark.helps { background: var(--helps); text-decoration: underline; text-underline-offset: 3px; }
mark.hurts { background: var(--hurts); text-decoration: underline dashed; text-underline-offset: 3px; }
mark.mixed { background: var(--mixed); text-decoration: underline dotted; text-underline-offset: 3px; }
.better, .worked { border-left: 3px solid var(--quiet); padding-left: .6rem; }
.state dl { display: grid; grid-template-columns: 5.5rem 1fr; gap: .1rem .5rem; margin: .2rem 0 .8rem; }
.state dt { color: var(--quiet); } .state dd { margin: 0; display: flex; gap: .5rem; align-items: center; }
.spark { width: 90px; height: 24px; } .spark.a polyline { stroke: var(--a); } .spark.b polyline { stroke: var(--b); }
.spark.openness polyline { stroke-dasharray: 4 3; }
.notice { border: 1px solid var(--line); border-left: 4px solid #b45309; padding: .5rem .8rem; border-radius: .3rem;
  background: var(--tint-t); } .notice p { margin: .15rem 0; overflow-wrap: anywhere; }
.notice.info { border-left-color: var(--a); }
.content-note { border-left: 4px solid #b45309; padding-left: .7rem; }
.grounding { max-width: 36rem; padding: 1rem 1.2rem; border: 1px solid var(--line); border-radius: .5rem;
  background: var(--tint-a); line-height: 1.6; }
.plot { background: #fff; border-radius: .4rem; padding: .5rem; margin: 0; } .plot svg { width: 100%; height: auto; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .92rem; }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid var(--line); font-weight: normal; }
thead th { color: var(--quiet); }
.clock { color: var(--quiet); }
#to .wrap { gap: .4rem; } #to label { padding: .25rem .6rem; }
#replybox { position: sticky; bottom: 0; z-index: 5; background: var(--body-background-fill); padding-top: .4rem; }
dialog#keys { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem 1.4rem; color: #1e293b; background: #fff; }
dialog#keys kbd { border: 1px solid #94a3b8; border-radius: .25rem; padding: 0 .35rem; }
:focus-visible { outline: 3px solid #0e7490 !important; outline-offset: 2px; }
.dark :focus-visible { outline-color: #67e8f9 !important; }
.dots { animation: fade 1.4s infinite; } @keyframes fade { 50% { opacity: .2; } }
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; scroll-behavior: auto !important; } }
@media (max-width: 640px) { .turn.t { margin-left: .4rem; } .transcript { max-height: max(12rem, calc(100vh - 31rem)); padding-right: 0; }
  .scores .skill { min-width: 0; display: block; } .gradio-container { padding: .5rem !important; } }
"""

# Keys, the address of the session in the page's URL, and following the last line. No data leaves the page.
HEAD = """
<script>
(() => {
  const q = (s) => document.querySelector(s);
  const visible = (e) => e && e.offsetParent !== null;
  document.addEventListener('keydown', (e) => {
    if (e.ctrlKey && e.key === 'Enter') {
      const b = q('#send'); const button = b && (b.tagName === 'BUTTON' ? b : b.querySelector('button'));
      if (visible(button) && !button.disabled) {
        e.preventDefault();
        const box = q('#reply textarea');
        if (box) box.dispatchEvent(new Event('input', { bubbles: true }));
        setTimeout(() => button.click(), 60);
      }
    } else if (e.altKey && ['1', '2', '3'].includes(e.key)) {
      const radios = document.querySelectorAll('#to input[type=radio]');
      const r = radios[Number(e.key) - 1];
      if (visible(q('#to')) && r) { e.preventDefault(); r.click(); }
    } else if (e.key === '?' && !/INPUT|TEXTAREA|SELECT/.test(document.activeElement.tagName)) {
      const d = q('dialog#keys'); if (d) { d.open ? d.close() : d.showModal(); }
    }
  });
  const follow = () => { const t = q('#transcript .transcript'); if (t) t.scrollTop = t.scrollHeight; };
  new MutationObserver((m) => { if (m.some((x) => x.target.closest && x.target.closest('#transcript'))) follow(); })
    .observe(document.documentElement, { childList: true, subtree: true });
})();
</script>
"""

# Every page of the record that has a link at the top, and the action that it takes.
PAGES = (
    ("/work", "My work", "practise"), ("/drill", "Drill", "practise"), ("/reviews", "Reviews", "review.queue"),
    ("/cohort", "Cohort", "review.queue"), ("/agreement", "Agreement", "agreement"), ("/studio", "Studio", "studio"),
    ("/people", "People", "people"), ("/account", "Account", "account"),
)  # fmt: skip


def links(who: Person) -> str:
    """Return the links to the pages that somebody may open, and the way out where there is a sign-in."""
    pages = " ".join(f'<a href="{path}">{words}</a>' for path, words, action in PAGES if may(who, action))
    leave = (
        f'<form method="post" action="/sign-out" class="inline"><span>{escape(who.name)}</span> <button>Sign out</button></form>'
        if who.id is not None
        else ""
    )
    return f'<div class="links"><nav aria-label="Pages">{pages}</nav>{leave}</div>'


KEYS = """<dialog id="keys" aria-label="Keys"><h2>Keys</h2><p><kbd>Ctrl</kbd> + <kbd>Enter</kbd> send your reply</p>
<p><kbd>Alt</kbd> + <kbd>1</kbd> speak to both, <kbd>2</kbd> to the first partner, <kbd>3</kbd> to the second</p>
<p><kbd>?</kbd> show or hide this list, <kbd>Esc</kbd> close it</p>
<form method="dialog"><button>Close</button></form></dialog>"""

# Put the running session into the address, so that a reload comes back to it.
REMEMBER_JS = """(id) => { const u = new URL(location); if (id) u.searchParams.set('session', id);
  else u.searchParams.delete('session'); history.replaceState(null, '', u); }"""

# The reply box is where a person goes on from here.
FOCUS_JS = """() => setTimeout(() => document.querySelector('#reply textarea')?.focus(), 150)"""

GROUNDING = """<div class="grounding" role="status"><h2>Paused. The clock has stopped.</h2>
<p>Put both feet on the floor. Look for five things in the room that are blue, or square. Let your out-breath be
longer than your in-breath, three times.</p>
<p>What you felt just now may be theirs, or yours, or both. Nothing has to be answered. You can go on, or end here:
everything that was said is kept, and nobody is left alone - they are not real. If something of your own was
touched, a person is a better place for it than this page.</p></div>"""
