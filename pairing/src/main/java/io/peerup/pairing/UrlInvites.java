package io.peerup.pairing;

import com.google.gson.JsonObject;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.pairing.InviteTable.Admitted;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.bouncycastle.math.ec.rfc7748.X25519;

/// The inviter's invite links: which there are and whom they admitted. A machine: the node hands in
/// each message of its mailbox, writes [#snapshot] to a file of mode 0600 when a result says
/// `changed`, and only then writes the trust entry, calls [#entered] and sends the acknowledgement.
/// As with [InviteTable], the snapshot is the journal.
public final class UrlInvites {

  private final List<UrlInvite> invites;

  public UrlInvites() {
    this(List.of());
  }

  private UrlInvites(List<UrlInvite> invites) {
    this.invites = new ArrayList<>(invites);
  }

  /// What a message of the mailbox is.
  public sealed interface Result {

    /// No drop for a link of ours: leave it for others.
    record NotMine() implements Result {}

    /// A drop that admits its sender, now or earlier.
    ///
    /// @param inviteId which link
    /// @param joiner who
    /// @param card what it says of itself, with where to send the acknowledgement
    /// @param ack the acknowledgement: the same bytes for the same drop
    /// @param changed false if this drop was here before
    @SuppressWarnings("ArrayRecordComponent") // goes to a mailbox, never compared
    record Done(String inviteId, PeerId joiner, PeerCard card, byte[] ack, boolean changed)
        implements Result {}

    /// A drop for a link of ours that admits nobody. Record the reason and remove the message.
    ///
    /// @param inviteId which link
    /// @param reason a sentence without a full stop
    /// @param answer what to tell the sender, and where, if it is somebody who may know
    record Refused(String inviteId, String reason, Optional<Answer> answer) implements Result {}

    /// An acknowledgement that says no.
    ///
    /// @param card where to send it
    @SuppressWarnings("ArrayRecordComponent") // as above
    record Answer(PeerCard card, byte[] ack) {}
  }

  /// What a link is made of.
  ///
  /// @param relays where our mailbox is, each with the relay's peer id; 1…4
  /// @param depositCapability what allows its holder to leave a message there
  /// @param namespace the network's name, empty for the default one
  /// @param name what we call ourselves
  // The array is opaque to us and not compared by equals.
  @SuppressWarnings("ArrayRecordComponent")
  public record Spec(
      List<Multiaddr> relays, byte[] depositCapability, String namespace, String name) {}

  /// Makes a link that admits `uses` (1…16) devices within `ttl` (1 minute…30 days). Throws
  /// [MalformedInput] for a bad argument, [LimitReached] when too many are remembered.
  public InviteUrl create(
      PrivateKey identity, Spec spec, int uses, Duration ttl, KeyRandom random, Instant now) {
    if (ttl.compareTo(Limits.INVITE_TTL_MIN) < 0 || ttl.compareTo(Limits.URL_TTL_MAX) > 0) {
      throw new MalformedInput(
          "a link works for 1 minute to %d days".formatted(Limits.URL_TTL_MAX.toDays()),
          "choose another time to live, e.g. 24h");
    }
    if (uses < 1 || uses > Limits.URL_USES_MAX) {
      throw new MalformedInput("a link admits 1 to %d devices".formatted(Limits.URL_USES_MAX));
    }
    prune(now);
    if (invites.size() >= Limits.URL_INVITES_MAX) {
      throw new LimitReached(
          "there are %d links already".formatted(Limits.URL_INVITES_MAX), "revoke old ones");
    }
    byte[] nonce = random.bytes(InviteUrl.NONCE_BYTES);
    byte[] exchangePrivate = random.bytes(X25519.SCALAR_SIZE);
    byte[] exchangePublic = new byte[X25519.POINT_SIZE];
    X25519.scalarMultBase(exchangePrivate, 0, exchangePublic, 0);
    // A link says whole seconds.
    Instant expires = Instant.ofEpochSecond(now.plus(ttl).getEpochSecond());
    InviteUrl url =
        InviteUrl.create(
            identity,
            nonce,
            exchangePublic,
            spec.relays(),
            spec.depositCapability(),
            spec.namespace(),
            spec.name(),
            expires);
    invites.add(new UrlInvite(nonce, exchangePrivate, uses, expires));
    return url;
  }

  /// Takes a message of the mailbox; `card` is what a joiner gets to see of us. Never throws,
  /// whatever is in the message.
  ///
  /// @param unwelcome who is not admitted, whatever link it has
  public Result handle(
      byte[] message,
      PrivateKey identity,
      PeerCard card,
      Predicate<PeerId> unwelcome,
      Instant now) {
    Optional<byte[]> dropId = InviteDrop.dropIdOf(message);
    Optional<UrlInvite> found =
        dropId.flatMap(id -> invites.stream().filter(i -> Arrays.equals(i.dropId, id)).findFirst());
    if (found.isEmpty()) {
      return new Result.NotMine();
    }
    UrlInvite invite = found.get();
    InviteDrop keys = null;
    try {
      keys = invite.keysFor(identity.peerId(), message);
      InviteDrop.Opened opened = keys.openDrop(message);
      PeerCard joiner = PeerCard.decode(opened.payload());
      if (unwelcome.test(opened.joiner())) {
        return new Result.Refused(
            invite.id(), "%s is blocked here".formatted(opened.joiner()), Optional.empty());
      }
      return decide(invite, keys, opened.joiner(), joiner, message, identity, card, now);
    } catch (MalformedInput e) {
      return new Result.Refused(
          invite.id(),
          "a message for the link is damaged or forged: " + e.getMessage(),
          Optional.empty());
    } finally {
      if (keys != null) {
        keys.destroy();
      }
    }
  }

  private static Result decide(
      UrlInvite invite,
      InviteDrop keys,
      PeerId joiner,
      PeerCard joinerCard,
      byte[] drop,
      PrivateKey identity,
      PeerCard card,
      Instant now) {
    byte[] hash = Crypto.sha256("", drop);
    Optional<UrlInvite.Use> same =
        invite.uses.stream().filter(u -> Arrays.equals(u.dropHash(), hash)).findFirst();
    if (same.isPresent()) {
      return new Result.Done(invite.id(), joiner, joinerCard, same.get().ack().clone(), false);
    }
    if (joiner.equals(identity.peerId())) {
      return new Result.Refused(invite.id(), "the link was used by its maker", Optional.empty());
    }
    if (!now.isBefore(invite.expires)) {
      return new Result.Refused(
          invite.id(), "%s came after the link's end".formatted(joiner), Optional.empty());
    }
    if (invite.uses.size() >= invite.usesMax) {
      byte[] no =
          keys.sealAck(identity, invite.dropId, drop, new AckPayload.AlreadyUsed().encoded());
      return new Result.Refused(
          invite.id(),
          "%s came with a link that is used up".formatted(joiner),
          Optional.of(new Result.Answer(joinerCard, no)));
    }
    byte[] ack =
        keys.sealAck(identity, invite.dropId, drop, new AckPayload.Accepted(card).encoded());
    invite.uses.add(new UrlInvite.Use(joiner, joinerCard.name(), hash, ack, false));
    return new Result.Done(invite.id(), joiner, joinerCard, ack.clone(), true);
  }

  /// Peers that links admitted and whose trust entry is not known to be on disk.
  public List<Admitted> unentered() {
    List<Admitted> out = new ArrayList<>();
    for (UrlInvite invite : invites) {
      for (UrlInvite.Use use : invite.uses) {
        if (!use.entered()) {
          out.add(new Admitted(invite.id(), use.joiner(), use.name()));
        }
      }
    }
    return out;
  }

  /// The trust entry of this peer, whom this link admitted, is on disk.
  public void entered(String inviteId, PeerId joiner) {
    for (UrlInvite invite : invites) {
      if (invite.id().equals(inviteId)) {
        invite.uses.replaceAll(u -> u.joiner().equals(joiner) ? u.nowEntered() : u);
      }
    }
  }

  /// Forgets a link at once. Peers that it admitted stay. False if there is none with this id.
  public boolean revoke(String id) {
    return invites.removeIf(i -> i.id().equals(id) && i.wipe());
  }

  /// The links, oldest first.
  public List<Summary> links() {
    return invites.stream()
        .map(i ->
            new Summary(
                i.id(), i.expires, i.usesMax, i.uses.stream().map(UrlInvite.Use::joiner).toList()))
        .toList();
  }

  /// A link as lists show it: nothing of it is secret.
  ///
  /// @param id short public name
  /// @param expires when it ends
  /// @param usesMax how many devices it admits
  /// @param usedBy whom it admitted
  public record Summary(String id, Instant expires, int usesMax, List<PeerId> usedBy) {}

  /// Forgets links that ended more than a day ago. True if there were any.
  public boolean prune(Instant now) {
    return invites.removeIf(i ->
        !now.minus(Limits.INVITE_MEMORY).isBefore(i.expires)
            && i.uses.stream().allMatch(UrlInvite.Use::entered)
            && i.wipe());
  }

  /// Everything, the secrets included: for a file of mode 0600.
  public JsonObject snapshot() {
    return UrlInvite.write(invites);
  }

  /// The links of a [#snapshot]. Throws [MalformedInput] if it is damaged.
  public static UrlInvites restore(JsonObject snapshot) {
    return new UrlInvites(UrlInvite.read(snapshot));
  }

  /// Shows no secret.
  @Override
  public String toString() {
    return "UrlInvites[links=" + invites.size() + "]";
  }
}
