package io.peerup.simulation;

import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.transport.BlockingStream;
import io.peerup.libp2p.transport.MuxedConnection;
import io.peerup.pairing.PairingChannel;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A connection of a process, direct or through a relay, and the dialogues on it.
final class Session implements MuxedConnection.Owner {

  private final Party process;
  private final MuxedConnection muxed;
  private final World.Task loop;
  final @Nullable Link link;

  Session(Party process, MuxedConnection muxed, World.Task loop, @Nullable Link link) {
    this.process = process;
    this.muxed = muxed;
    this.loop = loop;
    this.link = link;
  }

  World world() {
    return process.world;
  }

  World.Task loop() {
    return loop;
  }

  Party process() {
    return process;
  }

  PeerId peer() {
    return muxed.secured().peer();
  }

  byte[] binding() {
    return muxed.secured().binding().bytes();
  }

  /// As a run of pairing sees it.
  PairingChannel channel(PeerId relay) {
    return new PairingChannel(
        process.id,
        muxed.secured().key(),
        isRelayed() ? Optional.of(relay) : Optional.empty(),
        muxed.secured().security(),
        binding());
  }

  boolean isRelayed() {
    return link == null;
  }

  boolean isOpen() {
    return muxed.isOpen();
  }

  int streamCount() {
    return muxed.streamCount();
  }

  void close() {
    muxed.close(0);
  }

  /// Opens a stream and agrees on a protocol.
  void open(List<String> protocols, Consumer<OverlayException> failed, Consumer<Line> then) {
    var _ =
        muxed
            .open()
            .whenComplete((stream, error) -> {
              if (error instanceof OverlayException known) {
                failed.accept(known);
              } else if (error != null) {
                throw new Broken("opening a stream failed otherwise", error);
              } else {
                Line line = new Line(this, stream);
                line.onFailure(failed);
                line.deadline(Party.NEGOTIATION_MAX);
                line.propose(
                    protocols,
                    agreed -> {
                      if (!protocols.contains(agreed)) {
                        throw new Broken("agreed on " + agreed + ", which nobody proposed");
                      }
                      line.noDeadline();
                      then.accept(line);
                    });
              }
            });
  }

  @Override
  public void opened(BlockingStream stream) {
    Line line = new Line(this, stream);
    line.deadline(Party.NEGOTIATION_MAX);
    line.answer(
        protocol -> process.serves(this, protocol),
        protocol -> {
          line.noDeadline();
          process.serve(line, protocol);
        });
  }

  @Override
  public void closed(OverlayException cause) {
    if (!(cause instanceof PeerUnreachable || cause instanceof DeadlineExceeded)) {
      throw new Broken("a connection ended because somebody broke a rule", cause);
    }
    process.ended(this, cause);
  }

  @Override
  public String toString() {
    return process + "'s connection with " + peer().shortForm() + (isRelayed() ? " by relay" : "");
  }
}
