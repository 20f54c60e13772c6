// `npm run destroy`: takes a stack off its simulated rack.
import { LabSession } from "./engine/lab-session.ts";
import { findInJournal } from "./engine/rack-journal.ts";
import { runEntryPoint } from "./engine/setup-error.mjs";

await runEntryPoint(async () => {
  const session = await LabSession.open(process.argv.slice(2));
  void session.startPlugins();
  await session.resume(findInJournal(session.stack));
  return session.pulumi(["destroy", "--yes", "--skip-preview", ...session.rest]);
});
