// `npm run check`: the fast part, for every save: types, lint, format, unit tests, docs.
import { runSteps } from "./checks/step.ts";
import { docsUpToDate, lintAndFormat, typeCheck, unitStep } from "./checks/steps.ts";
import { runEntryPoint } from "./engine/setup-error.mjs";

await runEntryPoint(() => runSteps([typeCheck, lintAndFormat, unitStep(), docsUpToDate]));
