// The simulated kubernetes plug-in's process.
import { serve } from "../plugin/serve.ts";
import { kubernetes } from "./kubernetes/provider.ts";

await serve(kubernetes);
