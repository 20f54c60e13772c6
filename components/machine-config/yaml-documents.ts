// How patches become text.
import { stringify } from "yaml";

/**
 * Renders documents of one file. Written so that a YAML 1.1 reader understands the same: `off` and `no` are quoted, lest they
 * become booleans, and no line is folded.
 */
export function renderYamlDocuments(documents: readonly object[]): string {
  return documents.map((document) => stringify(document, { version: "1.1", lineWidth: 0 })).join("---\n");
}
