// `npm run preview`: what `up` would do on the simulated rack.
import { LabSession } from "./engine/lab-session.ts";
import { runEntryPoint } from "./engine/setup-error.mjs";

await runEntryPoint(async () => {
  const session = await LabSession.open(process.argv.slice(2));
  void session.startPlugins();
  const { prepareRack } = await import("../lab/prepare.ts");
  await prepareRack(session.stack);
  return session.pulumi(["preview", ...session.rest]);
});
