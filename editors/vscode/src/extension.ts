// Starts `deckgen lsp`, and shows what only VS Code can show. All that is known of notes is known by the server.
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import { type ExecuteCommandSignature, LanguageClient, TransportKind } from "vscode-languageclient/node";
import { type CardsPage, CardsPanel } from "./panel";
import { askedFields, commandArguments, findProgram, type Status, statusText, wantedProgram } from "./program";

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const panel = new CardsPanel((uri, line) => ask<CardsPage>("deckgen/cards", { uri, line }));
  const bar = vscode.window.createStatusBarItem(vscode.StatusBarAlignment.Left, 10);
  bar.command = "deckgen.review";
  bar.tooltip = "deckgen: review the cards one by one";
  const update = async () => {
    const editor = vscode.window.activeTextEditor;
    if (editor?.document.languageId !== "markdown") return bar.hide();
    const text = statusText(await ask<Status>("deckgen/status", { uri: editor.document.uri.toString() }));
    bar.text = `$(layers) ${text}`;
    if (text) bar.show();
    else bar.hide();
  };
  const follow = () => panel.follow(vscode.window.activeTextEditor);
  context.subscriptions.push(
    panel,
    bar,
    vscode.commands.registerCommand("deckgen.openPanel", () => panel.open()),
    vscode.commands.registerCommand("deckgen.build", () => run("build")),
    vscode.commands.registerCommand("deckgen.push", () => run("push")),
    vscode.commands.registerCommand("deckgen.review", () => run("review")),
    vscode.commands.registerCommand("deckgen.restart", () => start()),
    vscode.window.onDidChangeTextEditorSelection(follow),
    vscode.window.onDidChangeActiveTextEditor(() => (follow(), void update())),
    vscode.languages.onDidChangeDiagnostics(() => (follow(), void update())),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration("deckgen.path") && void start()),
    { dispose: () => void client?.stop() },
  );
  await start();
  await update();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

/** The user's program, or nothing and a word about it. Nothing starts in a folder that is not trusted. */
function program(): string | undefined {
  if (!vscode.workspace.isTrusted) return undefined;
  const wanted = wantedProgram(vscode.workspace.getConfiguration("deckgen").inspect<string>("path"));
  const folders = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
  const found = findProgram(wanted, process.env.PATH ?? "", folders, isProgram, process.platform, os.homedir());
  if (found === undefined) {
    const message = `deckgen: there is no program \`${wanted}\`. Install it, or set its whole path as deckgen.path.`;
    void vscode.window.showErrorMessage(message, "Open the setting").then((answer) => {
      if (answer) void vscode.commands.executeCommand("workbench.action.openSettings", "deckgen.path");
    });
  }
  return found;
}

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

async function start(): Promise<void> {
  await client?.stop();
  client = undefined;
  const command = program();
  if (command === undefined) return;
  // It stands in the home folder, so that nothing of the folder that is open is near it.
  const options = { command, args: ["lsp"], transport: TransportKind.stdio, options: { cwd: os.homedir() } };
  client = new LanguageClient("deckgen", "deckgen", options, {
    documentSelector: [
      { scheme: "file", language: "markdown" },
      { scheme: "file", language: "yaml" },
    ],
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*.{md,markdown,yaml,yml,lock}") },
    middleware: { executeCommand: carryOut },
  });
  try {
    await client.start();
    await vscode.commands.executeCommand("setContext", "deckgen.isReady", true);
  } catch (problem) {
    void vscode.window.showErrorMessage(`deckgen: the server does not start: ${String(problem)}`);
  }
}

async function ask<T>(method: string, parameters: object): Promise<T | null> {
  if (client === undefined || !client.isRunning()) return null;
  try {
    return await client.sendRequest<T | null>(method, parameters);
  } catch {
    return null;
  }
}

/** Commands of the server for which VS Code asks the user first. */
async function carryOut(command: string, given: unknown[], next: ExecuteCommandSignature): Promise<unknown> {
  if (command === "deckgen.showCards") return vscode.commands.executeCommand("deckgen.openPanel");
  if (command === "deckgen.editWording") {
    const fields = (await next("deckgen.fields", given)) as Record<string, string> | null;
    if (!fields) return undefined;
    const words = await askedFields(fields, (name, value) =>
      vscode.window.showInputBox({ title: "Edit the wording", prompt: name, value, ignoreFocusOut: true }),
    );
    return words && next("deckgen.word", [...given, words]);
  }
  if (command === "deckgen.newRule" && given.length === 2) {
    const sentence = String(given[1]);
    const back = await vscode.window.showInputBox({ title: sentence, prompt: "Answer, in the words of the sentence" });
    const front = back && (await vscode.window.showInputBox({ title: sentence, prompt: "Question" }));
    return front ? next(command, [...given, front, back]) : undefined;
  }
  return next(command, given);
}

/** A command of deckgen in a terminal, on the project of the open note. No shell reads its arguments. */
async function run(command: "build" | "push" | "review"): Promise<void> {
  const started = program();
  const file = vscode.window.activeTextEditor?.document.uri;
  const folder = (file && vscode.workspace.getWorkspaceFolder(file)) ?? vscode.workspace.workspaceFolders?.[0];
  const place = file?.scheme === "file" ? path.dirname(file.fsPath) : folder?.uri.fsPath;
  if (started === undefined || place === undefined) return;
  const root = projectAround(place, folder?.uri.fsPath) ?? place;
  await vscode.workspace.saveAll();
  const execution = new vscode.ProcessExecution(started, commandArguments(command, root), { cwd: os.homedir() });
  const task = new vscode.Task({ type: "deckgen", command }, vscode.TaskScope.Workspace, command, "deckgen", execution);
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, focus: command === "review" };
  await vscode.tasks.executeTask(task);
}

/** The nearest folder with a deck.yaml, up to the folder that is open. */
function projectAround(place: string, top: string | undefined): string | undefined {
  for (let folder = place; ; folder = path.dirname(folder)) {
    if (fs.existsSync(path.join(folder, "deck.yaml"))) return folder;
    if (folder === top || folder === path.dirname(folder)) return undefined;
  }
}
