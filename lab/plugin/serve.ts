// The plug-in's process: speaks the engine's gRPC protocol (pulumirpc.ResourceProvider, as of 3.250) for a declared provider.
// Only the protocol files of the SDK are imported: the whole SDK takes half a second to load.
import {
  type handleUnaryCall,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  status,
  type UntypedHandleCall,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import * as grpcProto from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type { CheckFailure, Provider } from "./contract.ts";
import type { Change } from "./diff.ts";
import { engineLog } from "./engine-log.ts";
import { Kernel, type Subject } from "./kernel.ts";
import { asServiceError } from "./service-error.ts";
import { decode, encode } from "./wire.ts";

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

function failuresOf(failures: readonly CheckFailure[]): proto.CheckFailure[] {
  return failures.map(({ property, reason }) => {
    const failure = new proto.CheckFailure();
    failure.setProperty(property);
    failure.setReason(reason);
    return failure;
  });
}

function subjectOf(request: { getUrn(): string; getType(): string; getName(): string }): Subject {
  const urn = request.getUrn();
  // Older engines leave type and name to be read from the URN.
  const [, , qualified = "", name = ""] = urn.split("::");
  const token = request.getType() || (qualified.split("$").at(-1) ?? "");
  return { token, urn, name: request.getName() || name };
}

function diffResponse(changes: readonly Change[], deleteBeforeReplace: boolean): proto.DiffResponse {
  const { Kind } = proto.PropertyDiff;
  const kinds = {
    add: [Kind.ADD, Kind.ADD_REPLACE],
    delete: [Kind.DELETE, Kind.DELETE_REPLACE],
    update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
  } as const;
  const response = new proto.DiffResponse();
  const top = (path: string) => path.split(/[.[]/)[0] ?? path;
  response.setChanges(changes.length > 0 ? proto.DiffResponse.DiffChanges.DIFF_SOME : proto.DiffResponse.DiffChanges.DIFF_NONE);
  response.setDiffsList([...new Set(changes.map(({ path }) => top(path)))]);
  response.setReplacesList([...new Set(changes.filter(({ replaces }) => replaces).map(({ path }) => top(path)))]);
  response.setDeletebeforereplace(deleteBeforeReplace);
  response.setHasdetaileddiff(true);
  for (const { path, kind, replaces } of changes) {
    const detail = new proto.PropertyDiff();
    detail.setKind(kinds[kind][replaces ? 1 : 0]);
    detail.setInputdiff(true);
    response.getDetaileddiffMap().set(path, detail);
  }
  return response;
}

function implement(kernel: Kernel): Record<string, handleUnaryCall<never, unknown>> {
  const { provider } = kernel;
  const handlers = {
    handshake: (_: proto.ProviderHandshakeRequest) => {
      const response = new proto.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      response.setAcceptResources(true);
      response.setAcceptOutputs(true);
      return response;
    },
    getPluginInfo: () => {
      const info = new pluginProto.PluginInfo();
      info.setVersion(provider.version);
      return info;
    },
    getSchema: () => {
      const response = new proto.GetSchemaResponse();
      response.setSchema(JSON.stringify({ name: provider.name, version: provider.version }));
      return response;
    },
    checkConfig: (request: proto.CheckRequest) => {
      const news = decode(request.getNews());
      const response = new proto.CheckResponse();
      response.setInputs(encode(news));
      response.setFailuresList(failuresOf(kernel.checkConfig(news)));
      return response;
    },
    configure: (request: proto.ConfigureRequest) => {
      kernel.configure(decode(request.getArgs()));
      const response = new proto.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setAcceptresources(true);
      response.setAcceptoutputs(true);
      response.setSupportspreview(true);
      return response;
    },
    check: async (request: proto.CheckRequest) => {
      const { inputs, failures } = await kernel.check(subjectOf(request), decode(request.getNews()), decode(request.getOlds()));
      const response = new proto.CheckResponse();
      response.setInputs(encode(inputs));
      response.setFailuresList(failuresOf(failures));
      return response;
    },
    diff: (request: proto.DiffRequest) => {
      const { changes, deleteBeforeReplace } = kernel.diff(subjectOf(request), decode(request.getOldInputs()), decode(request.getNews()));
      return diffResponse(changes, deleteBeforeReplace);
    },
    create: async (request: proto.CreateRequest) => {
      const { id, outputs } = await kernel.create(subjectOf(request), decode(request.getProperties()), request.getPreview());
      const response = new proto.CreateResponse();
      response.setId(id);
      response.setProperties(encode(outputs));
      return response;
    },
    read: async (request: proto.ReadRequest) => {
      const found = await kernel.read(subjectOf(request), request.getId(), decode(request.getProperties()), decode(request.getInputs()));
      const response = new proto.ReadResponse();
      response.setId(found.id);
      response.setProperties(encode(found.outputs));
      response.setInputs(encode(found.inputs));
      return response;
    },
    update: async (request: proto.UpdateRequest) => {
      const news = decode(request.getNews());
      const outputs = await kernel.update(subjectOf(request), request.getId(), decode(request.getOlds()), news, request.getPreview());
      const response = new proto.UpdateResponse();
      response.setProperties(encode(outputs));
      return response;
    },
    delete: async (request: proto.DeleteRequest) => {
      await kernel.delete(subjectOf(request), request.getId(), decode(request.getProperties()), decode(request.getOldInputs()));
      return new emptyProto.Empty();
    },
    invoke: async (request: proto.InvokeRequest) => {
      const { result, failures } = await kernel.invoke(request.getTok(), decode(request.getArgs()), request.getPreview());
      const response = new proto.InvokeResponse();
      response.setReturn(encode(result));
      response.setFailuresList(failuresOf(failures));
      return response;
    },
    cancel: () => {
      kernel.cancel();
      return new emptyProto.Empty();
    },
  };
  return Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, unary(handler as Handler<never, unknown>)]));
}

/** Binds a server for the provider; resolves to its port. */
export function listen(provider: Provider, engineAddress?: string): Promise<{ port: number; server: Server }> {
  const kernel = new Kernel(provider, engineLog(engineAddress));
  const implemented = implement(kernel);
  const definition = grpcProto.ResourceProviderService;
  const service: UntypedServiceImplementation = {};
  for (const method of Object.keys(definition)) {
    const refuse = (_: unknown, done: sendUnaryData<never>) => done({ code: status.UNIMPLEMENTED, details: `${method} is not implemented` });
    service[method] = (implemented[method] ?? refuse) as UntypedHandleCall;
  }
  // States of whole clusters travel in one message.
  const unlimited = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
  const server = new Server(unlimited);
  server.addService(definition as never, service);
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve({ port, server })));
  });
}

/** Runs the provider as a plug-in process: the engine reads the port from standard output, and the first argument is its own address. */
export async function serve(provider: Provider): Promise<void> {
  const { port } = await listen(provider, process.argv.slice(2).find((argument) => !argument.startsWith("-")));
  process.stdout.write(`${port}\n`);
  // An engine that was killed cannot stop its plug-ins: one that has lost its parent ends by itself.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, 500);
}
