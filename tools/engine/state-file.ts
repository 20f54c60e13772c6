// The state file of a stack after a kill: the backend sets the old file aside and then writes the new one, so that there is a moment
// with no readable file but its backup.
import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Where the file backend keeps a stack. */
export function stateFile(state: string, project: string, stack: string): string {
  return join(state, ".pulumi", "stacks", project, `${stack}.json`);
}

/**
 * Puts the backup in the place of a state file that is missing or cut off. What was done since the backup was written is pending in it, so
 * that it can be settled.
 * @returns whether something was cut off
 */
export function restoreStateFile(file: string): boolean {
  const wasCutOff = dropCutOffAttributes(`${file}.attrs`);
  const backup = `${file}.bak`;
  if (isComplete(file) || !isComplete(backup)) return wasCutOff;
  copyFileSync(backup, file);
  return true;
}

/** The backend notes a content type beside each file and reads none that is cut off; without the note it does as well. */
function dropCutOffAttributes(file: string): boolean {
  if (!existsSync(file) || isComplete(file)) return false;
  rmSync(file);
  return true;
}

function isComplete(file: string): boolean {
  if (!existsSync(file)) return false;
  try {
    JSON.parse(readFileSync(file, "utf8"));
    return true;
  } catch {
    return false;
  }
}
