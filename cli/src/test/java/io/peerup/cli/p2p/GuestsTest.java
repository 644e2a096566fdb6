package io.peerup.cli.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.control.Home;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestsTest {

  private static final Multiaddr ADDRESS = Multiaddr.parse("/ip4/192.0.2.1/tcp/1");

  @TempDir private Path folder;
  private final PeerId friend = newPeer();
  private final PeerId stranger = newPeer();

  private static PeerId newPeer() {
    return PeerId.of(PrivateKey.generate(KeyRandom.secure()).publicKey());
  }

  @Test
  void aHomeWithAuthorizedKeysLetsOnlyThoseIn() {
    Home home = Home.of(folder.resolve("home")).ensure();
    PrivateFiles.write(
        home.authorizedKeys(), (friend + " name=friend\n").getBytes(StandardCharsets.UTF_8));

    try (Guests guests = Guests.ofHome(home)) {
      assertThat(guests.everyoneMayCome()).isFalse();
      assertThat(guests.allowSecured(Direction.INBOUND, friend, ADDRESS)).isTrue();
      assertThat(guests.allowSecured(Direction.INBOUND, stranger, ADDRESS)).isFalse();
    }
  }

  @Test
  void whomWeDialIsOurChoice() {
    Home home = Home.of(folder.resolve("home")).ensure();
    PrivateFiles.write(home.authorizedKeys(), "# nobody\n".getBytes(StandardCharsets.UTF_8));

    try (Guests guests = Guests.ofHome(home)) {
      assertThat(guests.allowSecured(Direction.OUTBOUND, stranger, ADDRESS)).isTrue();
      assertThat(guests.allowSecured(Direction.INBOUND, stranger, ADDRESS)).isFalse();
    }
  }

  @Test
  void whoIsBlockedNeitherComesNorIsDialledAlsoWhereEveryoneElseMayCome() {
    Home home = Home.of(folder.resolve("home")).ensure();
    PrivateFiles.write(home.blockedPeers(), (friend + "\n").getBytes(StandardCharsets.UTF_8));

    for (Guests each : new Guests[] {Guests.ofHome(home), Guests.everyone(home)}) {
      try (Guests guests = each) {
        assertThat(guests.allowDial(friend, ADDRESS)).isFalse();
        assertThat(guests.allowSecured(Direction.INBOUND, friend, ADDRESS)).isFalse();
        assertThat(guests.allowSecured(Direction.OUTBOUND, friend, ADDRESS)).isFalse();
        assertThat(guests.allowSecured(Direction.INBOUND, stranger, ADDRESS)).isTrue();
      }
    }
  }

  @Test
  void withoutSuchAFileEveryoneMayCome() {
    try (Guests guests = Guests.ofHome(Home.of(folder.resolve("nothing")))) {
      assertThat(guests.everyoneMayCome()).isTrue();
      assertThat(guests.allowSecured(Direction.INBOUND, stranger, ADDRESS)).isTrue();
    }
  }
}
