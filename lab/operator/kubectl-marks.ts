// `kubectl annotate` and `kubectl label`: what both make of `key=value` and `key-`.
import { CommandFailure } from "../host/host-command.ts";

/**
 * Marks after the changes.
 * @param kind `annotation` or `label`, for the refusal
 * @throws CommandFailure where a value would be overwritten and that was not asked for
 */
export function changeMarks(
  before: Readonly<Record<string, string>>,
  changes: readonly string[],
  kind: string,
  isOverwriting: boolean,
): Record<string, string> {
  const marks: Record<string, string> = { ...before };
  for (const change of changes) {
    const [key = "", value] = change.split(/=(.*)/s);
    if (value === undefined) delete marks[key.replace(/-$/, "")];
    else if (marks[key] !== undefined && marks[key] !== value && !isOverwriting)
      throw new CommandFailure(
        `error: --overwrite is false but found the following declared ${kind}(s): '${key}' already has a value (${marks[key]})`,
      );
    else marks[key] = value;
  }
  return marks;
}
