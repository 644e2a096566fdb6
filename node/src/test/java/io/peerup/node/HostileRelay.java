package io.peerup.node;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Splice;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.host.HostBuilder;
import io.peerup.pairing.InviteTable;
import io.peerup.pairing.PairingChannel;
import io.peerup.pairing.PairingInitiator;
import io.peerup.pairing.PairingProtocol;
import io.peerup.pairing.PairingResponder;
import io.peerup.pairing.PairingSecret;
import io.peerup.pairing.PeerCard;
import io.peerup.pairing.RecordedRun;
import io.peerup.pairing.rendezvous.RendezvousMessages;
import io.peerup.pairing.rendezvous.RendezvousMessages.Close;
import io.peerup.pairing.rendezvous.RendezvousMessages.Find;
import io.peerup.pairing.rendezvous.RendezvousMessages.Open;
import io.peerup.pairing.rendezvous.RendezvousMessages.Opened;
import io.peerup.pairing.rendezvous.RendezvousMessages.Vouch;
import io.peerup.pairing.rendezvous.Selector;
import io.peerup.relay.circuit.CircuitClient;
import io.peerup.relay.circuit.CircuitRelay;
import io.peerup.relay.circuit.RelayPolicy;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// A relay that serves everybody, keeps a copy of every byte of the circuits, lookups and mailboxes
/// that pass, and answers lookups with whom it likes: itself, under the name of a puppet that
/// speaks the pairing protocol.
final class HostileRelay implements AutoCloseable {

  private static final Duration SOON = TestNetwork.SOON;
  private static final int FRAME_BYTES_MAX = 4096;

  private final InstantSource clock = InstantSource.system();
  private final PrivateKey identity = Ids.key(91);
  private final PrivateKey puppetIdentity = Ids.key(92);
  private final ByteArrayOutputStream seen = new ByteArrayOutputStream();
  private final Map<Selector, PeerId> waiting = new ConcurrentHashMap<>();
  private final List<RecordedRun> runs = new CopyOnWriteArrayList<>();
  private final Host host;
  private final Host puppet;
  private final CircuitRelay circuits;
  private final HostileMail mail;
  private final AtomicInteger heard = new AtomicInteger();
  private final CountDownLatch over = new CountDownLatch(1);
  private final AtomicInteger ignored = new AtomicInteger();
  private volatile Optional<PeerId> lie = Optional.empty();
  private volatile Class<?> unanswered = Void.class;

  HostileRelay() {
    host =
        HostBuilder.create()
            .identity(identity)
            .listen(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")))
            .build();
    host.handle(RendezvousMessages.PROTOCOL, this::lookUp);
    mail = new HostileMail(host, bytes -> note(bytes, bytes.length));
    circuits = new CircuitRelay(tapped(), identity, RelayPolicy.members(), clock);
    puppet = HostBuilder.create().identity(puppetIdentity).build();
    CircuitClient client =
        CircuitClient.install(puppet, CircuitClient.Offers.FROM_OUR_RELAYS, clock);
    client.reserve(puppet.connect(address(), PeerExpectation.exactly(host.id()), SOON), SOON);
  }

  Multiaddr address() {
    return host.listenAddresses().getFirst().withPeer(host.id());
  }

  boolean hasReservationOf(PeerId peer) {
    return circuits.reservations().stream().anyMatch(held -> held.peer().equals(peer));
  }

  HostileMail mail() {
    return mail;
  }

  PeerId puppet() {
    return puppet.id();
  }

  /// Whether it saw these bytes anywhere.
  boolean saw(byte[] wanted) {
    byte[] all;
    synchronized (seen) {
      all = seen.toByteArray();
    }
    for (int at = 0; at + wanted.length <= all.length; at++) {
      if (Arrays.equals(all, at, at + wanted.length, wanted, 0, wanted.length)) {
        return true;
      }
    }
    return false;
  }

  /// From now on requests of this kind have no answer, and their streams no end.
  void leavesUnanswered(Class<? extends RendezvousMessages.Request> kind) {
    unanswered = kind;
  }

  /// How many it left so.
  int ignored() {
    return ignored.get();
  }

  /// From now on whoever looks up a code is led to the puppet, which takes this for the code's
  /// secret.
  void standInFor(PairingSecret guess) {
    InviteTable table = RecordedRun.guessing(guess, clock.instant());
    lie = Optional.of(puppet.id());
    puppet.handle(PairingProtocol.ID, stream -> respond(stream, table));
  }

  /// From now on whoever looks up a code is led to the puppet, which opens a run with the inviter
  /// itself and passes all frames on, with its own identity where the channels want to see it.
  void passOnTo(PeerId inviter) {
    lie = Optional.of(puppet.id());
    puppet.handle(PairingProtocol.ID, stream -> passOn(stream, inviter));
  }

  /// What it kept of the runs in which it stood in for the inviter.
  List<RecordedRun> recorded() {
    return runs;
  }

  /// How many frames the inviter sent when it was last called in the joiner's place.
  int heardOfTheInviter() {
    return heard.get();
  }

  /// Calls the inviter in the joiner's place. True if it was taken for one that has the code.
  boolean joins(PeerId inviter, PairingSecret guess) {
    heard.set(0);
    try (Stream stream = call(inviter)) {
      PairingInitiator run =
          new PairingInitiator(
              guess,
              channel(stream.connection()),
              puppetIdentity,
              card("puppet"),
              KeyRandom.secure());
      stream.writeFrame(run.start(clock.instant()));
      while (true) {
        byte[] frame = stream.readFrame(FRAME_BYTES_MAX);
        heard.incrementAndGet();
        switch (run.receive(frame, clock.instant())) {
          case PairingInitiator.Step.Send send -> stream.writeFrame(send.frame());
          case PairingInitiator.Step.CountAndSend send -> stream.writeFrame(send.frame());
          case PairingInitiator.Step.Paired paired -> {
            stream.writeFrame(paired.done());
            return true;
          }
          case PairingInitiator.Step.Failed _, PairingInitiator.Step.Unreachable _ -> {
            return false;
          }
        }
      }
    } catch (OverlayException reset) {
      return false;
    }
  }

  private Stream call(PeerId inviter) {
    Multiaddr circuit = address().plus(Multiaddr.parse("/p2p-circuit")).withPeer(inviter);
    return puppet
        .connect(circuit, PeerExpectation.exactly(inviter), SOON)
        .openStream(List.of(PairingProtocol.ID), SOON);
  }

  private static PeerCard card(String name) {
    return new PeerCard(name, List.of(), "", "", List.of(), new byte[0]);
  }

  private PairingChannel channel(Connection connection) {
    return new PairingChannel(
        puppet.id(),
        connection.remoteKey(),
        connection.relay(),
        connection.security(),
        connection.channelBinding());
  }

  private void respond(Stream stream, InviteTable table) {
    Instant now = clock.instant();
    RecordedRun run =
        new RecordedRun(table, channel(stream.connection()), puppetIdentity, card("home"), now);
    runs.add(run);
    while (true) {
      PairingResponder.Step step = run.receive(stream.readFrame(FRAME_BYTES_MAX), clock.instant());
      switch (step) {
        case PairingResponder.Step.Send send -> stream.writeFrame(send.frame());
        case PairingResponder.Step.Commit commit -> stream.writeFrame(commit.frame());
        case PairingResponder.Step.Acknowledged _ -> {
          return;
        }
        case PairingResponder.Step.Fail _, PairingResponder.Step.Wait _ -> {
          stream.reset();
          return;
        }
      }
    }
  }

  /// The first frame of each side ends with the id of its sender, which the other side compares
  /// with the channel; all else goes through as it is.
  private void passOn(Stream joiner, PeerId inviter) {
    try (Stream other = call(inviter)) {
      other.writeFrame(signedOver(joiner.readFrame(FRAME_BYTES_MAX)));
      joiner.writeFrame(signedOver(other.readFrame(FRAME_BYTES_MAX)));
      while (true) {
        other.writeFrame(joiner.readFrame(FRAME_BYTES_MAX));
        joiner.writeFrame(other.readFrame(FRAME_BYTES_MAX));
      }
    } catch (OverlayException over) {
      joiner.reset();
    }
  }

  private byte[] signedOver(byte[] hello) {
    byte[] own = puppet.id().bytes();
    byte[] out = hello.clone();
    System.arraycopy(own, 0, out, out.length - own.length, own.length);
    return out;
  }

  private void lookUp(Stream stream) throws InterruptedException {
    byte[] frame = stream.readFrame(FRAME_BYTES_MAX);
    note(frame, frame.length);
    RendezvousMessages.Request request = RendezvousMessages.decodeRequest(frame);
    if (unanswered.isInstance(request)) {
      ignored.incrementAndGet();
      over.await();
      return;
    }
    byte[] answer =
        switch (request) {
          case Open open -> {
            Selector selector =
                open.selector().orElseGet(() -> Selector.ofText(Selector.SPOKEN, "1234"));
            waiting.put(selector, stream.connection().remotePeer());
            Instant expires = Instant.ofEpochSecond(clock.instant().getEpochSecond());
            yield RendezvousMessages.encode(new Opened(selector, expires.plus(open.ttl())));
          }
          case Find(var selector) ->
              lie.or(() -> Optional.ofNullable(waiting.get(selector)))
                  .map(RendezvousMessages::encodeFound)
                  .orElseGet(RendezvousMessages::failed);
          case Close _, Vouch _ -> RendezvousMessages.encodeDone();
        };
    note(answer, answer.length);
    stream.writeFrame(answer);
    stream.closeWrite();
  }

  private void note(byte[] bytes, int length) {
    synchronized (seen) {
      seen.write(bytes, 0, length);
    }
  }

  /// The host, with circuits that are pumped by hand to see what is in them.
  private Host tapped() {
    return (Host)
        Proxy.newProxyInstance(
            Host.class.getClassLoader(),
            new Class<?>[] {Host.class},
            (_, method, arguments) -> {
              if (method.getName().equals("splice")) {
                return pump(
                    (Stream) arguments[0], (Stream) arguments[1], (Splice.Done) arguments[3]);
              }
              try {
                return method.invoke(host, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause() == null ? e : e.getCause();
              }
            });
  }

  private Splice pump(Stream one, Stream other, Splice.Done done) throws InterruptedException {
    Splice splice =
        new Splice() {
          @Override
          public long bytesForward() {
            return 0;
          }

          @Override
          public long bytesBackward() {
            return 0;
          }

          @Override
          public void cut() {
            one.reset();
            other.reset();
          }
        };
    Thread there = Thread.ofVirtual().start(() -> pass(one, other));
    Thread back = Thread.ofVirtual().start(() -> pass(other, one));
    // The handler that asked for the splice returns now, and its stream would be closed: stay.
    there.join();
    back.join();
    done.ended(splice, "both sides finished");
    return splice;
  }

  private void pass(Stream from, Stream to) {
    byte[] buffer = new byte[8192];
    try {
      for (int n = from.read(buffer, 0, buffer.length);
          n >= 0;
          n = from.read(buffer, 0, buffer.length)) {
        note(buffer, n);
        to.write(buffer, 0, n);
      }
      to.closeWrite();
    } catch (OverlayException e) {
      to.reset();
    }
  }

  @Override
  public void close() {
    over.countDown();
    puppet.close();
    host.close();
  }
}
