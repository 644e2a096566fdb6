package io.peerup.pairing;

import io.peerup.libp2p.PeerId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a join came to. [#answer] is all that the joiner may learn; the rest is for the relay.
public sealed interface PairOutcome {

  /// The answer frame's body; one constant for every refusal.
  byte[] answer();

  /// True if the table changed: write it to disk before the answer leaves.
  boolean changed();

  /// The peer is a member now (or still).
  ///
  /// @param group the group's short name
  /// @param peer the member
  /// @param authExpires when its authorisation ends, or empty for never
  /// @param namespace the group's network, or empty for the default one
  /// @param intro its introduction, to be sent to `others` if `changed`
  /// @param others the group's other members
  /// @param answer the answer frame's body
  /// @param resumed true if it was a member before and asked again with its own code
  /// @param changed true if the table changed
  // The array goes onto the wire and is never compared by equals.
  @SuppressWarnings("ArrayRecordComponent")
  record Admitted(
      String group,
      PeerId peer,
      Optional<Instant> authExpires,
      Optional<String> namespace,
      PairMessages.PeerNotice intro,
      List<PeerId> others,
      byte[] answer,
      boolean resumed,
      boolean changed)
      implements PairOutcome {
    public Admitted {
      others = List.copyOf(others);
    }

    @Override
    public String toString() {
      return "Admitted[group=%s, peer=%s, resumed=%s]".formatted(group, peer, resumed);
    }
  }

  /// Nothing was given. The cause is for the relay's own log and audit, never for the joiner.
  ///
  /// @param cause why
  /// @param group the group's short name, or empty if there is no such group
  /// @param counted true if the failure counted against the group
  /// @param burnedNow true if it was the failure that burned the group
  record Refused(Cause cause, Optional<String> group, boolean counted, boolean burnedNow)
      implements PairOutcome {
    @Override
    public byte[] answer() {
      return PairMessages.encode(new PairMessages.Failed());
    }

    @Override
    public boolean changed() {
      return counted;
    }
  }

  /// Why a join was refused.
  enum Cause {
    /// No open group has this selector: never made, expired, or revoked.
    UNKNOWN_GROUP,
    /// The group burned earlier.
    BURNED,
    /// The group exists, the token is none of its.
    WRONG_TOKEN,
    /// The token admitted another peer.
    USED_TOKEN,
    /// The peer is a member by another code of this group.
    ALREADY_MEMBER,
    /// The relay's owner removed this member; its code does not bring it back.
    REMOVED_MEMBER,
    /// Too many failures from the same source.
    LOCKED_SOURCE,
    /// The introduction is malformed, or not the caller's, or for another group.
    BAD_INTRO,
    /// The request itself could not be read.
    BAD_REQUEST
  }
}
