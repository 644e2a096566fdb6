package io.peerup.node.services;

import io.peerup.control.Failure;
import io.peerup.control.Printable;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Stream;
import io.peerup.node.services.ServiceMessages.Kind;
import io.peerup.node.services.ServiceMessages.ServiceReply;
import io.peerup.node.services.ServiceMessages.ServiceRequest;
import io.peerup.node.services.ServiceMessages.Status;
import java.util.function.Supplier;

/// The opening side of `/peerup/service/1` and `/2`. Blocks on the stream.
final class ServiceClient {

  private ServiceClient() {}

  /// Whom to ask for what.
  ///
  /// @param streams opens a stream of [ServiceMessages#PROTOCOLS] to the peer; blocks
  record Asker(Supplier<Stream> streams, String peerName, String service) {

    /// Asks on a fresh stream that is to carry a connection, and waits for the answer.
    void connect(Stream stream) {
      ask(stream, Kind.CONNECT, service);
      expectOk(stream, peerName, service);
    }

    /// Asks for datagrams, which may follow at once.
    void askForDatagrams(Stream stream) {
      ask(stream, Kind.DATAGRAMS, service);
    }

    /// Reads the answer to that.
    void expectDatagrams(Stream stream) {
      expectOk(stream, peerName, service);
    }
  }

  /// Whether the service may be used, and what it speaks.
  static Protocol check(Stream stream, String peerName, String service) {
    ask(stream, Kind.CHECK, service);
    ServiceReply reply = answer(stream);
    if (reply.status() == Status.SPEAKS_UDP) {
      return Protocol.UDP;
    }
    expectOk(reply, stream, peerName, service);
    return Protocol.TCP;
  }

  private static void ask(Stream stream, Kind kind, String service) {
    stream.deadline(Limits.REQUEST);
    stream.writeFrame(ServiceMessages.encode(new ServiceRequest(kind, service)));
  }

  private static ServiceReply answer(Stream stream) {
    try {
      return ServiceMessages.decodeReply(stream.readFrame(Limits.FRAME_BYTES_MAX));
    } catch (MalformedInput e) {
      throw new ProtocolViolation("service reply: " + e.getMessage(), e);
    }
  }

  private static void expectOk(Stream stream, String peerName, String service) {
    expectOk(answer(stream), stream, peerName, service);
  }

  /// @throws Failure `service-not-offered`, `service-unreachable`, `service-busy`,
  ///   `service-refused`
  private static void expectOk(ServiceReply reply, Stream stream, String peerName, String service) {
    String what = "service `" + service + "` of " + peerName;
    String said = reply.message().isEmpty() ? "" : ": " + Printable.of(reply.message());
    switch (reply.status()) {
      case OK -> stream.clearDeadline();
      case NOT_OFFERED ->
          throw new Failure(
              "service-not-offered",
              peerName + " offers no service `" + service + "` to this device",
              "on "
                  + peerName
                  + ": peerup service list, peerup service add "
                  + service
                  + " HOST:PORT");
      case TARGET_UNREACHABLE ->
          throw new Failure(
              "service-unreachable",
              what + " is offered, but its program does not answer" + said,
              "start the program on "
                  + peerName
                  + ", or correct its address with `peerup service`");
      case BUSY ->
          throw new Failure(
              "service-busy",
              what + " has no free connection" + said,
              "close some connections and try again");
      case SPEAKS_UDP ->
          throw new Failure(
              "service-refused", what + " speaks UDP now", "end this proxy and start it again");
      case OTHER ->
          throw new Failure(
              "service-refused",
              what + " was refused for a reason this version does not know" + said,
              "update peerup on this device");
    }
  }
}
