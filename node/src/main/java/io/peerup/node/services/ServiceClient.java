package io.peerup.node.services;

import io.peerup.control.Failure;
import io.peerup.control.Printable;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Stream;
import io.peerup.node.services.ServiceMessages.Kind;
import io.peerup.node.services.ServiceMessages.ServiceReply;
import io.peerup.node.services.ServiceMessages.ServiceRequest;

/// The opening side of `/peerup/service/1`. Blocks on the stream.
final class ServiceClient {

  private ServiceClient() {}

  /// Asks for the service on a fresh stream and waits for the answer.
  ///
  /// @throws Failure `service-not-offered`, `service-unreachable`, `service-busy`
  static void request(Stream stream, Kind kind, String peerName, String service) {
    stream.deadline(Limits.REQUEST);
    stream.writeFrame(ServiceMessages.encode(new ServiceRequest(kind, service)));
    ServiceReply reply;
    try {
      reply = ServiceMessages.decodeReply(stream.readFrame(Limits.FRAME_BYTES_MAX));
    } catch (MalformedInput e) {
      throw new ProtocolViolation("service reply: " + e.getMessage(), e);
    }
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
      case OTHER ->
          throw new Failure(
              "service-refused",
              what + " was refused for a reason this version does not know" + said,
              "update peerup on this device");
    }
  }
}
