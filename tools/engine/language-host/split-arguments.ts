// Cuts the `nodeargs` of Pulumi.yaml into arguments.

/** Splits at blanks; single and double quotes keep blanks, a backslash keeps the character after it. */
export function splitArguments(text: string): string[] {
  const found = text.match(/(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|[^\s'"\\])+/g) ?? [];
  return found.map((argument) =>
    argument.replace(
      /\\(.)|'([^']*)'|"((?:\\.|[^"\\])*)"/g,
      (_whole, escaped, single, double) => escaped ?? single ?? String(double).replace(/\\(["\\])/g, "$1"),
    ),
  );
}
