"use strict";
const notes = JSON.parse(document.getElementById("notes").textContent);
const panel = document.getElementById("panel"), list = document.getElementById("list");
const marks = [...document.querySelectorAll("mark")];
let isPinned = false, returnTo = null;

const numbersOf = (mark) => mark.dataset.n.split(" ").map(Number);

function element(kind, name, text) {
  const made = document.createElement(kind);
  made.className = name;
  made.textContent = text;
  return made;
}

function show(mark) {
  const numbers = numbersOf(mark);
  list.replaceChildren(...numbers.map((number) => {
    const note = notes[number], shown = element("div", "note r" + note.color, "");
    shown.append(element("p", "name", note.rule));
    note.fields.forEach(([name, value], index) => {
      const field = element("p", index ? "field" : "front", value);
      field.title = name;
      shown.append(field);
    });
    return shown;
  }));
  marks.forEach((other) => other.classList.toggle("shown", numbersOf(other).some((n) => numbers.includes(n))));
  panel.hidden = false;
}

function showReasons(line) {
  marks.forEach((mark) => mark.classList.remove("shown"));
  list.replaceChildren(element("p", "name plain", "no card"), ...line.dataset.why.split("\n").map((text) => {
    const [place, ...reason] = text.split(" — "), shown = element("div", "why", "");
    shown.append(element("p", "place", place), element("p", "reason", reason.join(" — ")));
    return shown;
  }));
  panel.hidden = false;
}

function hide() {
  panel.hidden = true;
  isPinned = false;
  marks.forEach((mark) => mark.classList.remove("shown"));
}

document.addEventListener("pointerover", (event) => {
  if (event.pointerType !== "mouse" || isPinned) return;
  const mark = event.target.closest("mark");
  const line = event.target.closest("[data-why] > span");
  if (mark) show(mark);
  else if (line) showReasons(line.parentElement);
  else if (!event.target.closest("#panel")) hide();
});
document.addEventListener("click", (event) => {
  const mark = event.target.closest("mark");
  const line = event.target.closest("[data-why] > span"), file = event.target.closest(".file");
  if (mark) { show(mark); isPinned = true; returnTo = mark; }
  else if (line) { showReasons(line.parentElement); isPinned = true; returnTo = null; }
  else if (file) open(file.parentElement.dataset.file);
  else if (event.target.closest("#close")) { hide(); returnTo?.focus(); }
  else if (!event.target.closest("#panel, .chip")) hide();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { hide(); returnTo?.focus(); }
  const mark = event.target.closest?.("mark");
  if (mark && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); mark.click(); }
});
document.querySelectorAll(".chip").forEach((chip) => chip.addEventListener("click", () => {
  chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
  const chosen = new Set([...document.querySelectorAll('.chip[aria-pressed="true"]')].map((c) => c.dataset.rule));
  document.body.classList.toggle("filtered", chosen.size > 0);
  marks.forEach((mark) => mark.classList.toggle("chosen", numbersOf(mark).some((n) => chosen.has(notes[n].rule))));
}));

const sections = [...document.querySelectorAll("section")], entries = [...document.querySelectorAll(".files > li")];
const search = document.getElementById("search"), found = document.getElementById("found");
let texts = null;

function open(number) {
  const section = sections[number];
  section.firstElementChild.open = true;
  section.scrollIntoView();
}

search?.addEventListener("input", () => {
  texts ??= sections.map((section) => section.textContent.toLowerCase());
  const wanted = search.value.trim().toLowerCase();
  const fits = texts.map((text) => text.includes(wanted));
  sections.forEach((section, number) => { section.hidden = !fits[number]; });
  entries.forEach((entry) => { entry.hidden = !fits[entry.dataset.file]; });
  found.textContent = wanted ? fits.filter(Boolean).length + " of " + sections.length + " files" : "";
});
