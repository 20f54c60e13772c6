// The simulated command plug-in: scripts and files for the hosts of a rack. Local commands run on this machine, as the official ones do.
import { serve } from "../plugin/serve.ts";
import { commandProvider } from "./command/provider.ts";

await serve(commandProvider);
