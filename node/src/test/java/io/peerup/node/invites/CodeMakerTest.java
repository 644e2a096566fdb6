package io.peerup.node.invites;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.control.Failure;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.node.Ids;
import io.peerup.pairing.PairingCode;
import io.peerup.pairing.rendezvous.Selector;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CodeMakerTest {

  private static final Instant END = Instant.parse("2026-11-21T12:10:00.75Z");
  private static final Multiaddr RELAY =
      Multiaddr.parse("/ip4/45.33.1.1/tcp/7777").withPeer(Ids.peer(9));

  private final CodeMaker codes = new CodeMaker(Ids.peer(1), () -> "crew", KeyRandom.secure());
  private final List<Optional<Selector>> asked = new ArrayList<>();

  /// Allots the number 4711.
  private final CodeMaker.Place place =
      new CodeMaker.Place() {
        @Override
        public Multiaddr address() {
          return RELAY;
        }

        @Override
        public Selector open(Optional<Selector> selector) {
          asked.add(selector);
          return selector.orElseGet(() -> Selector.ofText(Selector.SPOKEN, "4711"));
        }
      };

  @ParameterizedTest
  @EnumSource(Invites.Form.class)
  void theInviteIsOpenedAtItsPlaceOnceUnderTheSelectorOfTheCode(Invites.Form form) {
    CodeMaker.Code code = codes.make(form, END, Optional.of(place));
    assertThat(asked).hasSize(1);
    if (form == Invites.Form.SPOKEN) {
      assertThat(asked.getFirst()).as("the relay's to allot").isEmpty();
      assertThat(code.selector()).isEqualTo(Selector.ofText(Selector.SPOKEN, "4711"));
    } else {
      assertThat(asked.getFirst()).contains(code.selector());
    }
  }

  @Test
  void aShortCodeNamesTheRelayBehindAnAtSign() {
    assertThat(codes.make(Invites.Form.TYPED, END, Optional.of(place)).text())
        .endsWith("@45.33.1.1");
    assertThat(codes.make(Invites.Form.SPOKEN, END, Optional.of(place)).text())
        .startsWith("4711-")
        .endsWith("@45.33.1.1");
  }

  @ParameterizedTest
  @EnumSource(Invites.Form.class)
  void withoutAPlaceACodeNamesNone(Invites.Form form) {
    String text = codes.make(form, END, Optional.empty()).text();
    switch (PairingCode.parse(text)) {
      case PairingCode.Typed typed -> assertThat(typed.relay()).isEmpty();
      case PairingCode.Spoken spoken -> assertThat(spoken.relay()).isEmpty();
      case PairingCode.Full full -> assertThat(full.code().relays()).isEmpty();
      case PairingCode other -> throw new AssertionError(other);
    }
  }

  @Test
  void numbersThatNoRelayAllotsHaveFiveDigits() {
    // The least and the largest of them, and the most that chance may bring.
    for (int dice : new int[] {0, 89_999, -1}) {
      CodeMaker loaded = new CodeMaker(Ids.peer(1), () -> "", bytes -> fill(bytes, dice));
      String text = loaded.make(Invites.Form.SPOKEN, END, Optional.empty()).text();
      assertThat(text).matches("[1-9][0-9]{4}-.*");
    }
  }

  private static void fill(byte[] target, int value) {
    Arrays.fill(target, (byte) 0);
    for (int i = 0; i < 4; i++) {
      target[i] = (byte) (value >> (24 - 8 * i));
    }
  }

  @Test
  void aFullCodeSaysWhoWhereInWhichNetworkAndUntilWhichSecond() {
    String text = codes.make(Invites.Form.FULL, END, Optional.of(place)).text();
    assertThat(PairingCode.parse(text))
        .isInstanceOfSatisfying(
            PairingCode.Full.class,
            full -> {
              assertThat(full.code().inviter()).isEqualTo(Ids.peer(1));
              assertThat(full.code().relays()).containsExactly(RELAY);
              assertThat(full.code().namespace()).contains("crew");
              assertThat(full.code().expires()).isEqualTo(Instant.parse("2026-11-21T12:10:00Z"));
            });
  }

  @Test
  void aShortCodeCannotNameARelayThatIsKnownOverUdpAloneAndAFullOneCan() {
    Multiaddr quic = Multiaddr.parse("/ip4/45.33.1.1/udp/7777/quic-v1").withPeer(Ids.peer(9));
    CodeMaker.Place udp =
        new CodeMaker.Place() {
          @Override
          public Multiaddr address() {
            return quic;
          }

          @Override
          public Selector open(Optional<Selector> selector) {
            return place.open(selector);
          }
        };
    for (Invites.Form form : List.of(Invites.Form.TYPED, Invites.Form.SPOKEN)) {
      assertThatThrownBy(() -> codes.make(form, END, Optional.of(udp)))
          .isInstanceOfSatisfying(
              Failure.class,
              failure -> {
                assertThat(failure.code()).isEqualTo("no-relay");
                assertThat(failure).hasMessageContaining(quic.toString());
                assertThat(failure.hint()).contains("--full");
              });
    }
    assertThat(asked).as("opened for nobody").isEmpty();
    assertThat(PairingCode.parse(codes.make(Invites.Form.FULL, END, Optional.of(udp)).text()))
        .isInstanceOfSatisfying(
            PairingCode.Full.class, full -> assertThat(full.code().relays()).containsExactly(quic));
  }

  @Test
  void aCodeShowsNothingOfItselfInALog() {
    CodeMaker.Code code = codes.make(Invites.Form.FULL, END, Optional.empty());
    assertThat(code.toString()).doesNotContain(code.text());
  }
}
