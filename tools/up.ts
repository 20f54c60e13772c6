// `npm run up`: builds a stack on its simulated rack, and takes up again what an earlier run left half done.
import { LabSession } from "./engine/lab-session.ts";
import { DEFAULT_STACK } from "./engine/lab-stacks.ts";
import { findInJournal } from "./engine/rack-journal.ts";
import { runEntryPoint } from "./engine/setup-error.mjs";

await runEntryPoint(async () => {
  const session = await LabSession.open(process.argv.slice(2));
  void session.startPlugins();
  const { prepareRack } = await import("../lab/prepare.ts");
  await prepareRack(session.stack);
  await session.resume(findInJournal(session.stack));
  const code = await session.pulumi(["up", "--yes", "--skip-preview", ...session.rest]);
  if (code !== 0) return code;
  const flag = session.stack === DEFAULT_STACK ? "" : ` -- --stack ${session.stack}`;
  const hints = {
    "npm run lab status": "the rack as it is: hosts, nodes, services and their addresses",
    [`npm run up${flag}`]: "once more: nothing changes",
    [`npm run preview${flag}`]: "after a change in the description: what would be done",
    "npm run lab help": "pull a cable, cause drift, inject a fault, and see what up makes of it",
  };
  const width = Math.max(...Object.keys(hints).map((command) => command.length));
  const lines = Object.entries(hints).map(([command, what]) => `  ${command.padEnd(width)}  ${what}`);
  console.log(["", "What to look at next:", ...lines].join("\n"));
  return code;
});
