package io.peerup.node.network;

import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamHandler;
import io.peerup.node.peers.NodeGater;
import io.peerup.pairing.GroupMembership.IntroResult;
import io.peerup.pairing.PairMessages;
import io.peerup.pairing.PairMessages.PeerNotice;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes introductions that a relay hands on (`/peerup/peer-notify/1`). The gater has checked that
/// the stream comes from a relay of ours; the group's own key decides whether an introduction is
/// true.
///
/// Introductions may overtake the answer to our own join: the relay tells of a device that joins
/// right behind us while our answer still waits for its tick. They are heard once we are in.
public final class NoticeHandler implements StreamHandler {

  private static final Logger LOG = LoggerFactory.getLogger(NoticeHandler.class);

  private final Roster roster;
  private final NodeGater gater;

  public NoticeHandler(Roster roster, NodeGater gater) {
    this.roster = roster;
    this.gater = gater;
  }

  @Override
  public void handle(Stream stream) throws InterruptedException {
    stream.deadline(Limits.NOTICES);
    PeerId relay = stream.connection().remotePeer();
    if (!gater.awaitJoined(relay, Limits.NOTICES)) {
      // The relay tries again after a reset; taking them now would be to drop them.
      throw new DeadlineExceeded("introductions came while a join with the same relay runs");
    }
    for (int count = 0; ; count++) {
      byte[] frame;
      try {
        frame = stream.readFrame(Limits.NOTICE_BYTES_MAX);
      } catch (ProtocolViolation e) {
        // The end of the stream, which has no frame of its own, looks the same as a cut one; every
        // notice stands alone, so nothing is lost either way.
        return;
      }
      if (count == Limits.NOTICES_MAX) {
        throw new ProtocolViolation(
            "more than " + Limits.NOTICES_MAX + " introductions on one stream from relay " + relay);
      }
      take(relay, frame);
    }
  }

  private void take(PeerId relay, byte[] frame) {
    PeerNotice notice;
    try {
      notice = PairMessages.decodeNotice(frame);
    } catch (MalformedInput e) {
      throw new ProtocolViolation("introduction from relay " + relay + ": " + e.getMessage(), e);
    }
    switch (roster.introduce(relay, notice)) {
      case IntroResult.Added added ->
          LOG.atInfo()
              .addKeyValue("peer", added.peer())
              .addKeyValue("relay", relay)
              .log("a new member of our group is authorised");
      case IntroResult.Renamed renamed ->
          LOG.atInfo()
              .addKeyValue("peer", renamed.peer())
              .log("a member of our group changed its name");
      case IntroResult.Unchanged _ -> {}
      case IntroResult.Rejected rejected -> {
        if (!rejected.harmless()) {
          LOG.atWarn()
              .addKeyValue("relay", relay)
              .log("dropped an introduction; the relay is lying or broken: {}", rejected.reason());
        }
      }
    }
  }
}
