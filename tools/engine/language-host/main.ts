// A Node.js language host for machines that the official `pulumi-language-nodejs` cannot be brought to. It answers the
// engine over gRPC and starts the program the way the official host does. It is copied beside the engine, so it takes
// the SDK from the program's own node_modules and nothing from this repository.
import { argv, ppid, stdout } from "node:process";
import type { ServerUnaryCall, ServerWritableStream, sendUnaryData, UntypedServiceImplementation } from "@grpc/grpc-js";
import type * as language from "@pulumi/pulumi/proto/language_pb.js";
import { installDependencies } from "./install-dependencies.ts";
import { programDependencies } from "./program-dependencies.ts";
import { requiredPackages } from "./required-packages.ts";
import { RunningPrograms } from "./run-program.ts";
import { loadSdk } from "./sdk.ts";

// Resources carry whole machine configurations and charts; the engine allows the same.
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

const sdk = loadSdk(process.cwd());
const programs = new RunningPrograms();
// The engine's address is the last plain argument; logging flags may stand before it. A handshake may replace it.
let engineAddress =
  argv
    .slice(2)
    .filter((argument) => !argument.startsWith("-"))
    .at(-1) ?? "";

/** Turns a function that answers or throws into a unary handler. */
function unary<Request, Response>(answer: (request: Request) => Response | Promise<Response>) {
  return async (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): Promise<void> => {
    try {
      callback(null, await answer(call.request));
    } catch (error) {
      callback({ code: sdk.grpc.status.UNKNOWN, details: error instanceof Error ? error.message : String(error) });
    }
  };
}

const service: UntypedServiceImplementation = {
  handshake: unary((request: language.LanguageHandshakeRequest) => {
    engineAddress = request.getEngineAddress();
    return new sdk.language.LanguageHandshakeResponse();
  }),
  getPluginInfo: unary(() => new sdk.plugin.PluginInfo().setVersion(sdk.version)),
  getRequiredPackages: unary((request: language.GetRequiredPackagesRequest) =>
    requiredPackages(sdk, request.getInfo()?.getProgramDirectory() ?? process.cwd()),
  ),
  getProgramDependencies: unary((request: language.GetProgramDependenciesRequest) => programDependencies(sdk, request)),
  runtimeOptionsPrompts: unary(() => new sdk.language.RuntimeOptionsResponse()),
  template: unary(() => new sdk.language.TemplateResponse()),
  about: unary(() => {
    const about = new sdk.language.AboutResponse().setExecutable(process.execPath).setVersion(process.version);
    about.getMetadataMap().set("packagemanager", "npm");
    return about;
  }),
  run: async (
    call: ServerUnaryCall<language.RunRequest, language.RunResponse>,
    callback: sendUnaryData<language.RunResponse>,
  ): Promise<void> => {
    const program = programs.start(call.request, engineAddress);
    call.on("cancelled", () => program.stop());
    const outcome = await program.outcome;
    callback(null, new sdk.language.RunResponse().setError(outcome.error).setBail(outcome.bail));
  },
  installDependencies: (
    call: ServerWritableStream<language.InstallDependenciesRequest, language.InstallDependenciesResponse>,
  ): void => installDependencies(sdk, call),
  cancel: unary(() => {
    programs.stopAll();
    return new sdk.empty.Empty();
  }),
};

const server = new sdk.grpc.Server({
  "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
  "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
});
server.addService(sdk.service, service);
server.bindAsync("127.0.0.1:0", sdk.grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  stdout.write(`${port}\n`);
});

function leave(): void {
  programs.stopAll();
  server.forceShutdown();
}
process.on("SIGINT", leave);
process.on("SIGTERM", leave);
// An engine that was killed outright says nothing; without this the program would wait for it for ever.
const engineProcess = ppid;
setInterval(() => {
  if (process.ppid !== engineProcess) {
    leave();
    process.exit(1);
  }
}, 2000).unref();
