// Warnings for the engine's progress display.
import { credentials } from "@grpc/grpc-js";
import * as engineGrpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engineProto from "@pulumi/pulumi/proto/engine_pb.js";

/** Sends a warning about a resource; without an engine, e.g. in tests, to standard error. */
export function engineLog(address: string | undefined): (urn: string, message: string) => void {
  if (address === undefined) return (_, message) => process.stderr.write(`${message}\n`);
  const client = new engineGrpc.EngineClient(address, credentials.createInsecure());
  return (urn, message) => {
    const request = new engineProto.LogRequest();
    request.setSeverity(engineProto.LogSeverity.WARNING);
    request.setUrn(urn);
    request.setMessage(message);
    // A warning that does not arrive must not fail the operation it is about.
    client.log(request, () => {});
  };
}
