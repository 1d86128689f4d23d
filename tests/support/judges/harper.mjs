// Reads a JSON list of sentences, writes a JSON list: what Harper says of each.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const dist = process.argv[2] + "/node_modules/harper.js/dist/";
const { LocalLinter, Dialect } = await import(pathToFileURL(dist + "index.js"));
const { binaryInlined } = await import(pathToFileURL(dist + "binaryInlined.js"));

const sentences = JSON.parse(readFileSync(0, "utf8"));
const linter = new LocalLinter({ binary: binaryInlined, dialect: Dialect.American });
await linter.setup();
const found = [];
for (const sentence of sentences) {
  const lints = await linter.lint(sentence, { language: "plaintext" });
  found.push(lints.map((lint) => ({
    kind: lint.lint_kind(), text: lint.get_problem_text(), message: lint.message(),
  })));
}
process.stdout.write(JSON.stringify(found), () => process.exit(0));
