// Which program is started, and with what: decided without VS Code, so that tests can ask.
import * as path from "node:path";

/** What VS Code knows of a setting: of these only the user's own counts. */
export interface Inspected {
  defaultValue?: string;
  globalValue?: string;
  workspaceValue?: string;
  workspaceFolderValue?: string;
}

/** The program that the user set. What a folder says is never believed. */
export function wantedProgram(inspected: Inspected | undefined): string {
  const wanted = inspected?.globalValue ?? inspected?.defaultValue ?? "";
  return wanted.trim() || "deckgen";
}

/** The whole path of a program, looked for in PATH alone: neither the folder that is open nor an entry such as `.`. */
export function findProgram(
  wanted: string,
  searched: string,
  folders: readonly string[],
  isProgram: (file: string) => boolean,
  platform: NodeJS.Platform = process.platform,
  home = "",
): string | undefined {
  const paths = platform === "win32" ? path.win32 : path.posix;
  const file = wanted.startsWith("~/") && home ? paths.join(home, wanted.slice(2)) : wanted;
  if (paths.isAbsolute(file)) return isProgram(file) ? file : undefined;
  if (/[\\/]/.test(file)) return undefined; // relative to what would be a question
  const endings = platform === "win32" && !paths.extname(file) ? [".exe", ".cmd"] : [""];
  for (const entry of searched.split(platform === "win32" ? ";" : ":")) {
    if (!paths.isAbsolute(entry) || folders.some((folder) => isWithin(entry, folder, paths))) continue;
    for (const ending of endings) {
      const found = paths.join(entry, file + ending);
      if (isProgram(found)) return found;
    }
  }
  return undefined;
}

function isWithin(inner: string, outer: string, paths: path.PlatformPath): boolean {
  const way = paths.relative(outer, inner);
  return way === "" || (!way.startsWith("..") && !paths.isAbsolute(way));
}

/** The arguments of a command on a project. */
export function commandArguments(command: "build" | "push" | "review", root: string): string[] {
  return [command, "--", root];
}

/** What the server says of a project. */
export interface Status {
  new?: number;
  review?: number;
  notes?: number;
  settled?: boolean;
}

/** The text of the status bar; nothing where there is nothing to say. */
export function statusText(status: Status | null | undefined): string {
  if (!status || status.notes === undefined) return "";
  const parts = [];
  if (status.new) parts.push(`${status.new} new`);
  if (status.review) parts.push(`${status.review} to review`);
  const said = parts.length ? parts.join(" · ") : `${status.notes} ${status.notes === 1 ? "note" : "notes"}`;
  return status.settled ? said : `${said} …`;
}

/** Which words of a note were changed in the boxes that asked for them; nothing where one was closed. */
export async function askedFields(
  fields: Record<string, string>,
  ask: (name: string, text: string) => PromiseLike<string | undefined>,
): Promise<Record<string, string> | undefined> {
  const found: Record<string, string> = {};
  for (const [name, text] of Object.entries(fields)) {
    if (text.includes("\n")) {
      found[name] = text; // a box has one line: these stay as they are
      continue;
    }
    const answer = await ask(name, text);
    if (answer === undefined) return undefined;
    found[name] = answer;
  }
  return found;
}
