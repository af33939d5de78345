// The cards around the cursor, beside the note. The page comes from the server and has no script.
import * as vscode from "vscode";

export interface CardsPage {
  html: string;
  first: number;
  last: number;
  cards: number;
}

export type AskForPage = (uri: string, line: number) => Promise<CardsPage | null>;

const PAUSE = 150; // milliseconds

export class CardsPanel implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private waiting: NodeJS.Timeout | undefined;
  private shown = "";

  constructor(private readonly ask: AskForPage) {}

  open(): void {
    if (this.panel === undefined) {
      const place = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
      this.panel = vscode.window.createWebviewPanel("deckgen.cards", "Cards", place, {
        enableScripts: false,
        enableCommandUris: false,
        localResourceRoots: [],
      });
      this.panel.onDidDispose(() => (this.panel = undefined));
      this.shown = "";
    }
    this.follow(vscode.window.activeTextEditor);
  }

  /** Show what belongs to the place of the cursor, once it rests. */
  follow(editor: vscode.TextEditor | undefined): void {
    if (this.panel === undefined || editor === undefined || editor.document.languageId !== "markdown") return;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => void this.show(editor), PAUSE);
  }

  private async show(editor: vscode.TextEditor): Promise<void> {
    const page = await this.ask(editor.document.uri.toString(), editor.selection.active.line + 1);
    if (page === null || this.panel === undefined || page.html === this.shown) return;
    this.shown = page.html;
    this.panel.webview.html = page.html;
  }

  dispose(): void {
    clearTimeout(this.waiting);
    this.panel?.dispose();
  }
}
