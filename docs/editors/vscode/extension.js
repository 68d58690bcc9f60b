// Starts `proscribe lsp` for .policy files and hands the rest to vscode-languageclient.
"use strict";

const { window, workspace, commands } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

async function start() {
  const [command, ...args] = workspace.getConfiguration("proscribe").get("command");
  client = new LanguageClient(
    "proscribe",
    "proscribe",
    { command, args },
    // old versions of a file, as a comparison shows them, have no folder to find used files in
    { documentSelector: ["file", "untitled"].map((scheme) => ({ scheme, language: "proscribe" })) }
  );
  try {
    await client.start();
  } catch (fault) {
    client = undefined; // colours work without a server
    window.showErrorMessage(
      `proscribe: \`${[command, ...args].join(" ")}\` did not start (${fault.message}). ` +
        "Install it with `pip install 'proscribe[lsp]'`, or name it in the setting proscribe.command."
    );
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.stop();
}

async function restart() {
  await stop();
  await start();
}

async function activate(context) {
  context.subscriptions.push(
    commands.registerCommand("proscribe.restart", restart),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("proscribe.command")) return restart();
    })
  );
  await start();
}

module.exports = { activate, deactivate: stop };
