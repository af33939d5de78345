// What can be said of the extension without an editor: which program it starts, what it says, what is in its package.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { askedFields, commandArguments, findProgram, statusText, wantedProgram } from "../src/program";

const manifest = JSON.parse(readFileSync("package.json", "utf8"));

test("only the user's own setting names the program", () => {
  assert.equal(wantedProgram({ defaultValue: "deckgen", workspaceValue: "/evil", workspaceFolderValue: "/evil" }), "deckgen");
  assert.equal(wantedProgram({ globalValue: "/opt/deckgen", workspaceValue: "/evil" }), "/opt/deckgen");
  assert.equal(wantedProgram({ globalValue: "  " }), "deckgen");
  assert.equal(wantedProgram(undefined), "deckgen");
});

test("a program is never found in the folder that is open, nor by a relative entry of PATH", () => {
  const there = new Set(["/notes/bin/deckgen", "/notes/deckgen", "/usr/bin/deckgen", "bin/deckgen", "./deckgen"]);
  const find = (wanted: string, searched: string, folders = ["/notes"]) =>
    findProgram(wanted, searched, folders, (file) => there.has(file), "linux", "/home/me");
  assert.equal(find("deckgen", ".:bin:/notes/bin:/notes::/usr/bin"), "/usr/bin/deckgen");
  assert.equal(find("deckgen", ".:bin:/notes/bin"), undefined);
  assert.equal(find("./deckgen", "/usr/bin"), undefined);
  assert.equal(find("bin/deckgen", "/usr/bin"), undefined);
  assert.equal(find("/usr/bin/deckgen", ""), "/usr/bin/deckgen");
  assert.equal(find("/usr/bin/none", "/usr/bin"), undefined);
  there.add("/home/me/venv/deckgen");
  assert.equal(find("~/venv/deckgen", ""), "/home/me/venv/deckgen");
});

test("on Windows programs end in .exe or .cmd, and the folder that is open is left out", () => {
  const there = new Set(["C:\\notes\\deckgen.exe", "C:\\tools\\deckgen.exe"]);
  const found = findProgram("deckgen", "C:\\notes;.;C:\\tools", ["C:\\notes"], (file) => there.has(file), "win32");
  assert.equal(found, "C:\\tools\\deckgen.exe");
});

test("a folder's name is an argument, never an option", () => {
  assert.deepEqual(commandArguments("build", "--to=x"), ["build", "--", "--to=x"]);
});

test("the status bar says what waits", () => {
  assert.equal(statusText({ new: 12, review: 2, notes: 40, settled: true }), "12 new · 2 to review");
  assert.equal(statusText({ new: 0, review: 0, notes: 1, settled: true }), "1 note");
  assert.equal(statusText({ new: 3, review: 0, notes: 9, settled: false }), "3 new …");
  assert.equal(statusText({ settled: true }), "");
  assert.equal(statusText(null), "");
});

test("wording is asked field by field, and a closed box changes nothing", async () => {
  const fields = { Front: "a", Back: "b\nc", Extra: "" };
  assert.deepEqual(await askedFields(fields, async (name) => `${name}!`), { Front: "Front!", Back: "b\nc", Extra: "Extra!" });
  assert.equal(await askedFields(fields, async (name) => (name === "Front" ? "x" : undefined)), undefined);
});

test("the manifest honours trust, and no folder can set the program", () => {
  assert.equal(manifest.capabilities.untrustedWorkspaces.supported, false);
  const settings = manifest.contributes.configuration.properties;
  assert.deepEqual(Object.keys(settings), ["deckgen.path"]);
  assert.equal(settings["deckgen.path"].scope, "machine");
  const source = readFileSync("src/extension.ts", "utf8");
  for (const command of manifest.contributes.commands) assert.ok(source.includes(`"${command.command}"`), command.command);
  assert.equal(manifest.dependencies, undefined);
});

test("the package holds what it needs and nothing else", { skip: !existsSync("dist/deckgen.vsix") && "run `npm run package`" }, () => {
  const listed = execFileSync("unzip", ["-Z1", "dist/deckgen.vsix"], { encoding: "utf8" }).trim().split("\n").sort();
  assert.deepEqual(listed, [
    "[Content_Types].xml",
    "extension.vsixmanifest",
    "extension/LICENSE.txt",
    "extension/dist/extension.js",
    "extension/package.json",
    "extension/readme.md",
    "extension/schemas/deck.schema.json",
    "extension/schemas/rules.schema.json",
  ]);
});
