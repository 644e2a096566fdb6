package io.peerup.libp2p.host;

import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.multistream.MultistreamInitiator;
import io.peerup.libp2p.multistream.MultistreamResponder;
import io.peerup.libp2p.multistream.Step;
import java.util.List;
import java.util.function.Predicate;

/// multistream-select on a new stream, blocking. Reads byte by byte, so that whatever follows the
/// negotiation stays in the stream for the protocol itself.
final class StreamNegotiation {

  private StreamNegotiation() {}

  /// Proposes in order; returns what the peer took. Throws [Refused] if it took none.
  static String initiate(Stream stream, List<String> protocols) {
    MultistreamInitiator machine = new MultistreamInitiator(protocols, false);
    stream.write(machine.start());
    byte[] one = new byte[1];
    while (true) {
      switch (machine.step()) {
        case Step.Agreed agreed -> {
          return agreed.protocol();
        }
        case Step.Send send -> stream.write(send.bytes());
        case Step.NoneSupported() ->
            throw new Refused("the peer does not speak " + String.join(" or ", protocols));
        case Step.NeedMore() -> {
          next(stream, one);
          machine.consume(one, 0, 1);
        }
      }
    }
  }

  /// Answers until a supported protocol is proposed; returns it.
  static String respond(Stream stream, Predicate<String> supports) {
    MultistreamResponder machine = new MultistreamResponder(supports);
    byte[] one = new byte[1];
    while (true) {
      switch (machine.step()) {
        case Step.Agreed agreed -> {
          stream.write(agreed.bytes());
          return agreed.protocol();
        }
        case Step.Send send -> stream.write(send.bytes());
        case Step.NoneSupported() -> throw new IllegalStateException("a responder never gives up");
        case Step.NeedMore() -> {
          next(stream, one);
          machine.consume(one, 0, 1);
        }
      }
    }
  }

  private static void next(Stream stream, byte[] one) {
    if (stream.read(one, 0, 1) < 0) {
      throw new ProtocolViolation("the stream ended while a protocol was being agreed on");
    }
  }
}
