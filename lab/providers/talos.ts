// The simulated talos plug-in's process.
import { serve } from "../plugin/serve.ts";
import { talos } from "./talos/provider.ts";

await serve(talos);
