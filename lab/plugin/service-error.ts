// Errors as gRPC carries them to the engine.
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import statusProto from "@pulumi/pulumi/proto/status_pb.js";
import anyProto from "google-protobuf/google/protobuf/any_pb.js";
import { InitializationFailed } from "./contract.ts";
import { encode, type Properties } from "./wire.ts";

/** Structured details travel in this header: in Go they are part of gRPC, in Node they are packed by hand. */
const DETAILS = "grpc-status-details-bin";

function withDetails(code: status, message: string, detail: Uint8Array, type: string): ServiceError {
  const details = new anyProto.Any();
  details.pack(detail, type);
  const packed = new statusProto.Status();
  packed.setCode(code);
  packed.setMessage(message);
  packed.addDetails(details);
  const metadata = new Metadata();
  metadata.add(DETAILS, Buffer.from(packed.serializeBinary()));
  return Object.assign(new Error(message), { code, details: message, metadata });
}

/** An error to answer with. A resource that failed to initialise is kept in the state by the engine. */
export function asServiceError(error: unknown): ServiceError {
  if (error instanceof InitializationFailed) {
    const failed = new proto.ErrorResourceInitFailed();
    failed.setId(error.id);
    failed.setProperties(encode(error.outputs as Properties));
    failed.setReasonsList([...error.reasons]);
    return withDetails(status.UNKNOWN, error.message, failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  }
  const message = error instanceof Error ? error.message : String(error);
  return Object.assign(new Error(message), { code: status.UNKNOWN, details: message, metadata: new Metadata() });
}
