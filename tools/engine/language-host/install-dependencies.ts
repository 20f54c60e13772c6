// `pulumi install`: brings node_modules in line with the lock file.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ServerWritableStream } from "@grpc/grpc-js";
import type * as language from "@pulumi/pulumi/proto/language_pb.js";
import type { Sdk } from "./sdk.ts";

/** Runs npm in the program's folder and streams what it prints. */
export function installDependencies(
  sdk: Sdk,
  call: ServerWritableStream<language.InstallDependenciesRequest, language.InstallDependenciesResponse>,
): void {
  const directory = call.request.getInfo()?.getProgramDirectory() ?? process.cwd();
  const verb = existsSync(join(directory, "package-lock.json")) ? "ci" : "install";
  const npm = spawn("npm", [verb, "--no-audit", "--no-fund"], { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
  const send = new sdk.language.InstallDependenciesResponse();
  npm.stdout.on("data", (chunk: Buffer) => call.write(send.clone().setStdout(chunk)));
  npm.stderr.on("data", (chunk: Buffer) => call.write(send.clone().setStderr(chunk)));
  const fail = (details: string): void => {
    call.emit("error", { code: sdk.grpc.status.UNKNOWN, details });
  };
  npm.on("error", (error) => fail(`cannot start npm: ${error.message}; install npm`));
  npm.on("close", (code) =>
    code === 0 ? call.end() : fail(`npm ${verb} ended with exit code ${code} in ${directory}`),
  );
}
