package io.peerup.relay.group;

import io.peerup.control.Failure;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.PairMessages;
import io.peerup.pairing.PairOutcome;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves `/peerup/relay-pair/1`. Whatever is wrong with a request, the answer is the same; the
/// cause goes to the audit log and nowhere else.
public final class PairingService implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PairingService.class);

  private final GroupStore groups;
  private final Membership membership;
  private final PeerNotifier notifier;
  private final AuditLog audit;
  private final UniformProtocol protocol;

  /// Serves from now on.
  public PairingService(
      Host host,
      GroupStore groups,
      Membership membership,
      PeerNotifier notifier,
      AuditLog audit,
      InstantSource clock) {
    this.groups = groups;
    this.membership = membership;
    this.notifier = notifier;
    this.audit = audit;
    this.protocol =
        new UniformProtocol(
            host,
            PairMessages.PAIR_PROTOCOL,
            io.peerup.pairing.Limits.FRAME_BYTES_MAX,
            membership,
            clock,
            this::decide);
  }

  @Override
  public void close() {
    protocol.close();
  }

  private byte[] decide(byte[] frame, Connection connection) {
    PeerId peer = connection.remotePeer();
    try {
      PairOutcome outcome = groups.join(frame, peer, UniformProtocol.source(connection));
      switch (outcome) {
        case PairOutcome.Admitted admitted -> {
          boolean wasMember = membership.isMember(peer);
          membership.admit(peer, admitted.group(), admitted.authExpires());
          membership.leftProbation(connection);
          // A member that asks again gets its answer again, but not a line: it could ask for ever.
          if (!wasMember || !admitted.resumed()) {
            audit.record(
                "pair",
                Optional.of(peer),
                Optional.of(admitted.group()),
                admitted.resumed() ? "resumed" : "admitted");
          }
          if (admitted.changed()) {
            notifier.announce(admitted.intro(), admitted.others());
          }
        }
        case PairOutcome.Refused refused -> refusedBecause(refused, peer);
      }
      return outcome.answer();
    } catch (Failure e) {
      log.atError()
          .addKeyValue("peer", peer)
          .addKeyValue("code", e.code())
          .addKeyValue("reason", e.message())
          .log("pairing failed because its outcome could not be written");
      audit.record("pair", Optional.of(peer), Optional.empty(), "not-written");
      return PairMessages.encode(new PairMessages.Failed());
    }
  }

  /// Only failures that count leave an audit line, at most three a group: the others can be made in
  /// any number, and would push what matters out of the log.
  private void refusedBecause(PairOutcome.Refused refused, PeerId peer) {
    String cause = refused.cause().name().toLowerCase(Locale.ROOT).replace('_', '-');
    log.atDebug()
        .addKeyValue("peer", peer)
        .addKeyValue("group", refused.group().orElse("unknown"))
        .addKeyValue("cause", cause)
        .log("pairing refused");
    if (refused.counted()) {
      audit.record("pair", Optional.of(peer), refused.group(), cause);
    }
    if (refused.burnedNow()) {
      audit.record("burn", Optional.of(peer), refused.group(), "unused-codes-dead");
      log.atWarn()
          .addKeyValue("group", refused.group().orElse(""))
          .log("three wrong codes: the unused codes of a pairing group are dead");
    }
  }
}
