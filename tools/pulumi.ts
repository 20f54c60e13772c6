// `npm run pulumi -- <command>`: any Pulumi command on a simulated rack, e.g. `stack output` or `refresh`.
import { LabSession } from "./engine/lab-session.ts";
import { runEntryPoint } from "./engine/setup-error.mjs";

await runEntryPoint(async () => {
  const session = await LabSession.open(process.argv.slice(2));
  return session.pulumi(session.rest);
});
