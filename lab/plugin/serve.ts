// The plug-in's process: speaks the engine's gRPC protocol (pulumirpc.ResourceProvider, as of 3.250) for a declared provider.
// Only the protocol files of the SDK are imported: the whole SDK takes half a second to load.
import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
  type UntypedHandleCall,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import * as grpcProto from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type { Provider } from "./contract.ts";
import { engineLog } from "./engine-log.ts";
import { Kernel } from "./kernel.ts";
import { askingMethods, processMethods, resourceMethods } from "./methods.ts";
import { asServiceError } from "./service-error.ts";

type Handler<Q, R> = (request: Q) => R | Promise<R>;

function unary<Q, R>(handler: Handler<Q, R>): handleUnaryCall<Q, R> {
  return (call: ServerUnaryCall<Q, R>, done: sendUnaryData<R>) => {
    Promise.resolve()
      .then(() => handler(call.request))
      .then(
        (response) => done(null, response),
        (error: unknown) => done(asServiceError(error)),
      );
  };
}

function implement(kernel: Kernel): Record<string, handleUnaryCall<never, unknown>> {
  const methods = Object.entries({ ...processMethods(kernel), ...askingMethods(kernel), ...resourceMethods(kernel) });
  return Object.fromEntries(methods.map(([name, method]) => [name, unary(method as Handler<never, unknown>)]));
}

/** Binds a server for the provider; resolves to its port. */
function listen(provider: Provider, engineAddress?: string): Promise<{ port: number; server: Server }> {
  const kernel = new Kernel(provider, engineLog(engineAddress));
  const implemented = implement(kernel);
  const definition = grpcProto.ResourceProviderService;
  const service: UntypedServiceImplementation = {};
  for (const method of Object.keys(definition)) {
    const refuse = (_: unknown, done: sendUnaryData<never>) =>
      done({ code: status.UNIMPLEMENTED, details: `${method} is not implemented` });
    service[method] = (implemented[method] ?? refuse) as UntypedHandleCall;
  }
  // States of whole clusters travel in one message.
  const unlimited = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
  const server = new Server(unlimited);
  server.addService(definition as never, service);
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve({ port, server }),
    );
  });
}

/** Runs the provider as a plug-in process: the engine reads the port from standard output, and the first argument is its own address. */
export async function serve(provider: Provider): Promise<void> {
  const { port } = await listen(
    provider,
    process.argv.slice(2).find((argument) => !argument.startsWith("-")),
  );
  process.stdout.write(`${port}\n`);
  // An engine that was killed cannot stop its plug-ins: one that has lost its parent ends by itself.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, 500);
}
