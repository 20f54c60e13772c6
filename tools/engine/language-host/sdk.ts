// Where the language host gets the gRPC library and Pulumi's message types from: the program's own SDK, so that both
// always fit each other.
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as grpc from "@grpc/grpc-js";
import type * as languageService from "@pulumi/pulumi/proto/language_grpc_pb.js";
import type * as language from "@pulumi/pulumi/proto/language_pb.js";
import type * as plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import type * as empty from "google-protobuf/google/protobuf/empty_pb.js";

/** The parts of the program's SDK that the language host speaks with. */
export interface Sdk {
  readonly grpc: typeof grpc;
  readonly language: typeof language;
  readonly plugin: typeof plugin;
  readonly empty: typeof empty;
  readonly service: typeof languageService.LanguageRuntimeService;
  /** Version of `@pulumi/pulumi`. */
  readonly version: string;
}

/** Loads the SDK that a program in `directory` would import; throws with the remedy where there is none. */
export function loadSdk(directory: string): Sdk {
  let manifest: string;
  try {
    manifest = createRequire(join(directory, "package.json")).resolve("@pulumi/pulumi/package.json");
  } catch {
    throw new Error(`no @pulumi/pulumi in reach of ${directory}; run npm ci there`);
  }
  // The SDK's own dependencies need not be hoisted to where the program could see them.
  const load = createRequire(manifest);
  return {
    grpc: load("@grpc/grpc-js"),
    language: load("./proto/language_pb.js"),
    plugin: load("./proto/plugin_pb.js"),
    empty: load("google-protobuf/google/protobuf/empty_pb.js"),
    service: load("./proto/language_grpc_pb.js").LanguageRuntimeService,
    version: load("./package.json").version,
  };
}
