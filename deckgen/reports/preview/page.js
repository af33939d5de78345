"use strict";
const find = (id) => document.getElementById(id);
const ROW = 58, SPARE = 8; // height of a row in pixels, as in the style; rows drawn beyond what is seen
const list = find("list"), rows = find("rows"), side = find("side"), search = find("search");
const isLive = "live" in document.body.dataset;
let data, shown = [], chosen = -1, isTurned = false, haystacks = [];

// --- what is known ---------------------------------------------------------------------------------------------------

const noteOf = (card) => data.notes[card.note];
const keyOf = (card) => noteOf(card).guid + "/" + card.ordinal;
const FILTERS = {
  deck: ["All decks", (note) => ancestors(note.deck)],
  rule: ["All rules", (note) => [note.rule]],
  tag: ["All tags", (note) => note.tags],
  change: ["All changes", (note) => [note.change]],
  found: ["All findings", (note) => note.found.length ? ["any finding", ...new Set(note.found.map((f) => f.kind))] : ["none"]],
  file: ["All files", (note) => folders(note.path)],
  state: ["In the deck", (note) => [note.state, ...(note.state === "suggested" ? ["to review"] : []), "everything"]],
};
const isInDeck = (note) => note.state !== "skipped" && note.state !== "suggested";

function folders(path) {
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/") + (index < parts.length - 1 ? "/" : ""));
}

function ancestors(deck) {
  const parts = deck.split("::");
  return parts.map((_, index) => parts.slice(0, index + 1).join("::"));
}

function take(fresh) {
  const kept = shown.length ? keyOf(data.cards[shown[chosen]]) : undefined;
  data = fresh;
  haystacks = data.cards.map((card) => {
    const note = noteOf(card);
    return [card.title, card.said, note.path, note.rule, note.guid, ...note.tags].join("\n").normalize("NFKC").toLowerCase();
  });
  find("deck").textContent = data.deck;
  for (const [name, [all, values]] of Object.entries(FILTERS)) offer(name, all, values);
  showNotices("", data.notices);
  filter(kept);
}

function offer(name, all, values) {
  const select = find("by-" + name), before = select.value, counts = new Map();
  for (const card of data.cards) for (const value of values(noteOf(card))) counts.set(value, (counts.get(value) || 0) + 1);
  const options = [...counts].sort(([a], [b]) => a < b ? -1 : 1).map(([value, count]) => new Option(`${value} (${count})`, value));
  select.replaceChildren(new Option(all, ""), ...options);
  select.value = counts.has(before) ? before : "";
  select.classList.toggle("set", select.value !== "");
}

function filter(kept) {
  kept = kept ?? (shown.length ? keyOf(data.cards[shown[chosen]]) : undefined);
  const words = search.value.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
  const set = Object.entries(FILTERS).map(([name, [, values]]) => [find("by-" + name).value, values]).filter(([value]) => value);
  shown = [];
  data.cards.forEach((card, index) => {
    const note = noteOf(card);
    if ((isInDeck(note) || find("by-state").value) && words.every((word) => haystacks[index].includes(word)) && set.every(([value, values]) => values(note).includes(value))) shown.push(index);
  });
  const all = data.cards.filter((card) => isInDeck(noteOf(card)) || find("by-state").value).length;
  find("count").textContent = shown.length === all ? `${all.toLocaleString("en")} cards` : `${shown.length.toLocaleString("en")} of ${all.toLocaleString("en")} cards`;
  const place = shown.findIndex((index) => keyOf(data.cards[index]) === kept);
  const isSame = place >= 0;
  chosen = -1;
  rows.style.height = shown.length * ROW + "px";
  if (!isSame) list.scrollTop = 0;
  offerBulk(words.length || set.length);
  choose(isSame ? place : 0, isSame && isTurned);
}

// --- the list: only the rows that are seen exist ------------------------------------------------------------------------

function element(kind, name, text) {
  const made = document.createElement(kind);
  if (name) made.className = name;
  made.textContent = text;
  return made;
}

function draw() {
  const first = Math.max(0, Math.floor(list.scrollTop / ROW) - SPARE);
  const last = Math.min(shown.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + SPARE);
  const made = [];
  for (let place = first; place < last; place++) made.push(row(place));
  rows.replaceChildren(...made);
  if (!shown.length) rows.append(element("p", "empty", data.cards.length ? "No card fits." : "There is no card yet."));
}

function row(place) {
  const card = data.cards[shown[place]], note = noteOf(card), made = element("div", `row ${note.change} ${note.state.replace(" ", "-")}`, "");
  made.style.top = place * ROW + "px";
  made.id = "row-" + place;
  made.setAttribute("role", "option");
  made.setAttribute("aria-selected", String(place === chosen));
  made.dataset.place = place;
  const below = element("i", "", ""), is = note.found.some((f) => f.severity === "error") ? "mark error" : "mark";
  below.append(element("span", "", note.rule), element("span", note.found.length ? is : "", (note.found.length ? "▲ " : "") + (note.state === "kept" ? "✓ " : "") + (isInDeck(note) ? (note.change === "unchanged" ? "" : note.change) : note.state)));
  made.append(element("b", "", card.title || "(picture)"), below);
  return made;
}

let isWaiting = false;
list.addEventListener("scroll", () => {
  if (isWaiting) return;
  isWaiting = true;
  requestAnimationFrame(() => { isWaiting = false; draw(); });
});
new ResizeObserver(() => data && draw()).observe(list);
list.addEventListener("click", (event) => {
  const found = event.target.closest(".row");
  if (found) { choose(Number(found.dataset.place)); document.body.classList.add("opened"); }
});

function choose(place, turned = false) {
  chosen = Math.max(0, Math.min(place, shown.length - 1));
  isTurned = turned;
  if (shown.length) {
    const top = chosen * ROW;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight;
  }
  draw();
  list.setAttribute("aria-activedescendant", "row-" + chosen);
  find("card").classList.toggle("none", !shown.length);
  if (shown.length) { paint(); about(); showState(); }
}

// --- the card: a frame without scripts, in which nothing but pictures of the deck loads ---------------------------------

const isDark = () => document.documentElement.classList.contains("dark");
const PLAYED = "img[src], audio[src], video[src], source[src], video[poster]";

function prepared(markup) {
  const parsed = new DOMParser().parseFromString(markup, "text/html"); // inert: nothing loads or runs
  parsed.querySelectorAll("script, iframe, object, embed, link, meta, base, form, svg script").forEach((node) => node.remove());
  for (const node of parsed.querySelectorAll("*")) {
    for (const { name, value } of [...node.attributes]) {
      const isAddress = ["href", "xlink:href", "action", "formaction"].includes(name);
      if (name.startsWith("on") || name === "srcdoc" || name === "srcset" || (isAddress && /^[\s\0]*(?:javascript|data|vbscript):/i.test(value))) node.removeAttribute(name);
    }
    if (node.style?.cssText.includes("url(")) node.removeAttribute("style");
  }
  parsed.querySelectorAll("style").forEach((node) => { node.textContent = ownStyle(node.textContent); });
  for (const node of parsed.querySelectorAll(PLAYED)) {
    for (const name of ["src", "poster"]) {
      const target = node.getAttribute(name);
      if (target === null || target.startsWith("data:")) continue;
      const address = isLive && target in data.media ? "media/" + encodeURIComponent(target) : data.media[target];
      if (address) node.setAttribute(name, address);
      else node.replaceWith(parsed.adoptNode(placeholder(parsed, target)));
    }
  }
  parsed.querySelectorAll("a[href]").forEach((link) => { link.target = "_blank"; link.rel = "noreferrer"; });
  return [...parsed.head.querySelectorAll("style"), ...parsed.body.childNodes];
}

function ownStyle(css) { // without what it would load
  return css.replace(/@import[^;}]*;?|url\(\s*(?!["']?data:)[^)]*\)?/gi, "");
}

function placeholder(parsed, target) {
  const made = parsed.createElement("span");
  made.className = "missing";
  made.textContent = (/^(?:https?:)?\/\//i.test(target) ? "on the network: " : "not in this page: ") + target;
  return made;
}

function paint() {
  const card = data.cards[shown[chosen]], note = noteOf(card), page = side.contentDocument;
  const markup = isTurned ? card.answer.replace("\0", () => card.question) : card.question;
  const root = page.documentElement;
  root.className = isDark() ? "night-mode" : "";
  const template = (note.type + card.name).includes("Reverse") ? 2 : card.ordinal + 1;
  page.body.className = `card card${template}` + (isDark() ? " nightMode night_mode" : "");
  const style = page.createElement("style"), whole = page.createElement("div");
  style.textContent = find("reviewer").textContent + "\n" + ownStyle(data.css[note.type]);
  whole.id = "qa";
  whole.append(...prepared(markup).map((node) => page.importNode(node, true)));
  page.head.replaceChildren(style);
  page.body.replaceChildren(whole);
  const line = isTurned && page.getElementById("answer");
  page.defaultView.scrollTo(0, line && line.offsetTop > page.defaultView.innerHeight * .6 ? line.offsetTop - 40 : 0);
  find("flip").textContent = isTurned ? "Show question" : "Show answer";
}

function about() {
  const card = data.cards[shown[chosen]], note = noteOf(card), terms = element("dl", "", "");
  const place = `${note.path}:${note.line}`, link = element(data.editor ? "a" : "span", "place", place);
  if (data.editor) {
    const path = (data.root.startsWith("/") ? "" : "/") + data.root + "/" + note.path;
    link.href = data.editor.replace("{path}", path.split("/").map(encodeURIComponent).join("/")).replace("{line}", note.line).replace("{column}", note.column);
    link.title = "Open in the editor (o)";
  }
  const add = (name, value) => {
    if (!value) return;
    const shown = element("dd", "", typeof value === "string" ? value : "");
    if (typeof value !== "string") shown.append(value);
    terms.append(element("dt", "", name), shown);
  };
  add("Source", link);
  add("Rule", note.rule);
  add("Deck", note.deck);
  add("Tags", note.tags.join(" "));
  add("Change", note.change === "unchanged" ? "" : note.change + (note.reason ? `: ${note.reason}` : ""));
  add("Card", `${note.type}, ${card.name}`);
  add("Confidence", note.confidence);
  add("Your words", note.worded.join(", "));
  add("ID", note.guid);
  const findings = note.found.map((found) => {
    const made = element("div", "finding " + found.severity, "");
    made.append(element("p", "", `${found.kind}: ${found.message}`));
    if (found.hint) made.append(element("p", "", found.hint));
    return made;
  });
  find("about").replaceChildren(terms, ...findings, element("pre", "", note.source));
  find("about").scrollTop = 0;
}

function turn() { if (shown.length) { isTurned = !isTurned; paint(); } }
function move(by) { if (shown.length) choose(chosen + by); }

// --- buttons and keys -----------------------------------------------------------------------------------------------------

find("flip").addEventListener("click", turn);
find("previous").addEventListener("click", () => move(-1));
find("next").addEventListener("click", () => move(1));
find("back").addEventListener("click", () => document.body.classList.remove("opened"));
find("size").addEventListener("click", resize);
find("light").addEventListener("click", () => light(!isDark()));
find("keys").addEventListener("click", () => find("help").showModal());
find("notices").addEventListener("click", () => find("notice-list").showModal());
document.querySelectorAll("dialog:not(#editor)").forEach((dialog) => dialog.addEventListener("click", () => dialog.close()));
search.addEventListener("input", () => filter());
Object.keys(FILTERS).forEach((name) => find("by-" + name).addEventListener("change", (event) => {
  event.target.classList.toggle("set", event.target.value !== "");
  filter();
}));

// --- decisions: written by the server that sent the page -----------------------------------------------------------------

let token = "";

function showState() {
  const note = noteOf(data.cards[shown[chosen]]);
  find("decide").hidden = !isLive;
  for (const [name, state] of [["keep", "kept"], ["skip", "skipped"]]) find(name).classList.toggle("set", note.state === state);
  find("edit").classList.toggle("set", note.worded.length > 0);
  find("take-back").hidden = note.state === "to review" || note.state === "suggested";
}

function offerBulk(isFiltered) {
  const notes = new Set(shown.map((index) => noteOf(data.cards[index]).guid)).size;
  find("bulk").hidden = !isLive || !isFiltered || notes < 2;
  find("keep-all").textContent = `Keep these ${notes}`;
  find("skip-all").textContent = `Skip these ${notes}`;
}

async function decide(action, guids, more = {}) {
  const answer = await fetch("decide", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ token, action, guids, ...more }),
  }).catch(() => undefined);
  if (answer?.ok) return true;
  const said = answer === undefined ? "deckgen has ended" : answer.status === 409 ? (await answer.json()).problems.join("\n") : await answer.text();
  find("decided").textContent = said;
  return false;
}

async function decideHere(action, state, said) {
  if (!isLive || !shown.length) return;
  const note = noteOf(data.cards[shown[chosen]]);
  if (!await decide(action, [note.guid])) return;
  if (state) note.state = state;
  find("decided").textContent = action === "never" ? said : `${said}: ${data.cards[shown[chosen]].title.slice(0, 24)}`;
  if (action === "keep" || action === "skip") move(1);
  draw();
  showState();
}

async function decideAll(action, state) {
  const guids = [...new Set(shown.map((index) => noteOf(data.cards[index]).guid))];
  if (!await decide(action, guids)) return;
  const wanted = new Set(guids);
  data.notes.forEach((note) => { if (wanted.has(note.guid)) note.state = state; });
  find("decided").textContent = `${guids.length} notes ${state}; Undo takes it back`;
  filter();
}

async function undo() {
  if (isLive && await decide("undo", [])) find("decided").textContent = "taken back";
}

let editing = "";
async function edit() {
  if (!isLive || !shown.length) return;
  editing = noteOf(data.cards[shown[chosen]]).guid;
  const answer = await fetch("fields/" + encodeURIComponent(editing));
  if (!answer.ok) return;
  find("edited").replaceChildren(...Object.entries(await answer.json()).map(([name, text]) => {
    const made = element("label", "", name), area = document.createElement("textarea");
    area.name = name;
    area.value = text;
    area.rows = Math.min(12, Math.max(2, text.split("\n").length + Math.ceil(text.length / 70)));
    made.append(area);
    return made;
  }));
  find("editor").showModal();
  find("edited").querySelector("textarea")?.focus();
}

async function save() {
  const fields = Object.fromEntries([...find("edited").querySelectorAll("textarea")].map((area) => [area.name, area.value]));
  if (await decide("edit", [editing], { fields })) { find("decided").textContent = "reworded"; find("editor").close(); }
}

find("keep").addEventListener("click", () => decideHere("keep", "kept", "kept"));
find("skip").addEventListener("click", () => decideHere("skip", "skipped", "skipped"));
find("never").addEventListener("click", () => decideHere("never", "", "the rule is off in this file"));
find("take-back").addEventListener("click", () => decideHere("back", "to review", "taken back"));
find("undo").addEventListener("click", undo);
find("edit").addEventListener("click", edit);
find("save").addEventListener("click", save);
find("cancel").addEventListener("click", () => find("editor").close());
find("keep-all").addEventListener("click", () => decideAll("keep", "kept"));
find("skip-all").addEventListener("click", () => decideAll("skip", "skipped"));

function resize() {
  find("size").textContent = document.body.classList.toggle("phone") ? "Desk" : "Phone";
}

function light(dark) {
  document.documentElement.classList.toggle("dark", dark);
  find("light").textContent = dark ? "Light" : "Dark";
  if (shown.length) paint();
}

const KEYS = {
  " ": turn, j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1),
  PageDown: () => move(10), PageUp: () => move(-10), Home: () => choose(0), End: () => choose(shown.length - 1),
  "/": () => { search.focus(); search.select(); }, o: () => document.querySelector("a.place")?.click(),
  y: () => find("keep").click(), x: () => find("skip").click(), n: () => find("never").click(), e: edit, u: undo,
  d: () => light(!isDark()), p: resize, "?": () => find("help").showModal(),
};

function press(event) {
  const target = event.target, isTyped = target.closest?.("input, select, textarea, dialog, button, summary, audio, video");
  if (event.key === "Escape") {
    if (target === search) { search.value = ""; filter(); list.focus(); }
    document.body.classList.remove("opened");
  } else if (event.key === "Enter" && target === search) {
    list.focus();
  } else if (!isTyped && !event.ctrlKey && !event.metaKey && !event.altKey && Object.hasOwn(KEYS, event.key)) {
    event.preventDefault();
    KEYS[event.key]();
  }
}
document.addEventListener("keydown", press);

// --- news -------------------------------------------------------------------------------------------------------------------

function showNotices(broken, texts) {
  const notices = find("notices");
  notices.hidden = !broken && !texts.length;
  notices.classList.toggle("broken", Boolean(broken));
  notices.textContent = broken || `${texts.length} ${texts.length === 1 ? "notice" : "notices"}`;
  find("notice-list").querySelector("pre").textContent = texts.join("\n\n");
}

function listen() {
  const events = new EventSource("events");
  events.addEventListener("cards", async () => { const answer = await fetch("cards.json"); if (answer.ok) take(await answer.json()); });
  events.addEventListener("broken", (event) => showNotices("Cannot be built", JSON.parse(event.data)));
  events.addEventListener("error", () => showNotices("deckgen has ended", data.notices));
  events.addEventListener("open", () => showNotices("", data.notices));
}

function start() {
  const wanted = matchMedia("(prefers-color-scheme: dark)");
  const sent = JSON.parse(find("data").textContent);
  token = sent.token ?? "";
  take(sent);
  light(wanted.matches);
  wanted.addEventListener("change", () => light(wanted.matches));
  side.contentDocument.addEventListener("keydown", press);
  list.focus();
  if (isLive) listen();
}
if (side.contentDocument?.readyState === "complete" && side.contentDocument.URL === "about:srcdoc") start();
else side.addEventListener("load", start, { once: true });
