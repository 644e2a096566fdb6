package io.peerup.libp2p.multistream;

import static io.peerup.libp2p.multistream.Feeding.byteByByte;
import static io.peerup.libp2p.multistream.Feeding.concat;
import static io.peerup.libp2p.multistream.Feeding.hex;
import static io.peerup.libp2p.multistream.Feeding.tokens;
import static io.peerup.libp2p.multistream.Feeding.unhex;
import static io.peerup.libp2p.multistream.Feeding.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.ProtocolViolation;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MultistreamResponderTest {

  private static final String HEADER = "/multistream/1.0.0";
  private static final byte[] APPLICATION = {19, '/', 'm', 0, 1};

  @Test
  void headerAndEchoGoOutInOnePieceAndTheFollowingBytesAreLeftAlone() {
    byte[] in = tokens(HEADER, "/a");
    Feeding expected = new Feeding(in.length, hex(in), "agreed /a");
    assertThat(whole(supporting("/a"), concat(in, APPLICATION))).isEqualTo(expected);
    assertThat(byteByByte(supporting("/a"), concat(in, APPLICATION))).isEqualTo(expected);

    MultistreamResponder responder = supporting("/a");
    responder.consume(in, 0, in.length);
    assertThat(responder.step())
        .isInstanceOfSatisfying(
            Step.Agreed.class, agreed -> assertThat(agreed.bytes()).isEqualTo(in));
  }

  @Test
  void theHeaderIsAnsweredBeforeAnyProposal() {
    byte[] in = tokens(HEADER);
    assertThat(whole(supporting("/a"), in)).isEqualTo(new Feeding(20, hex(in), "need more"));
  }

  @Test
  void aHeaderSentAtTheStartIsNotSentAgain() {
    MultistreamResponder responder = supporting("/a");
    assertThat(hex(responder.start())).isEqualTo(hex(tokens(HEADER)));
    assertThat(whole(responder, tokens(HEADER, "/a")).sent()).isEqualTo(hex(tokens("/a")));
  }

  @Test
  void unsupportedProposalsGetNaAndMayBeFollowedByOthers() {
    byte[] in = tokens(HEADER, "/x", "/a ", "/a");
    Feeding expected = new Feeding(in.length, hex(tokens(HEADER, "na", "na", "/a")), "agreed /a");
    assertThat(whole(supporting("/a"), in)).isEqualTo(expected);
    assertThat(byteByByte(supporting("/a"), in)).isEqualTo(expected);
  }

  @Test
  void onlyOneNewlineIsStripped() {
    assertThat(whole(supporting("/a"), tokens(HEADER, "/a\n")).sent())
        .isEqualTo(hex(tokens(HEADER, "na")));
  }

  @Test
  void lsAndOtherNonNamesGetNaEvenIfEverythingIsSupported() {
    MultistreamResponder responder = new MultistreamResponder(_ -> true);
    assertThat(whole(responder, tokens(HEADER, "ls", "na", "", HEADER)))
        .extracting(Feeding::sent, Feeding::end)
        .containsExactly(hex(tokens(HEADER, "na", "na", "na", "na")), "need more");
  }

  @Test
  void nothingButTheHeaderMayComeFirst() {
    assertThat(whole(supporting("/a"), tokens("/a")).end()).isEqualTo("violation");
    assertThat(whole(supporting("/a"), tokens("ls")).end()).isEqualTo("violation");
    assertThat(whole(supporting("/a"), unhex("47455420")).end()).isEqualTo("need more");
    assertThat(
            whole(
                    supporting("/a"),
                    "GET / HTTP/1.1\r\n".repeat(6).getBytes(StandardCharsets.US_ASCII))
                .end())
        .isEqualTo("violation");
  }

  @Test
  void theLastAllowedProposalIsHeard() {
    byte[] in = concat(tokens(HEADER), times(Limits.PROPOSALS_MAX - 1, "/x"), tokens("/a"));
    assertThat(byteByByte(supporting("/a"), in).end()).isEqualTo("agreed /a");
  }

  @Test
  void oneProposalMoreThanAllowedIsAViolation() {
    byte[] in = concat(tokens(HEADER), times(Limits.PROPOSALS_MAX, "/x"), tokens("/a"));
    assertThat(byteByByte(supporting("/a"), in).end()).isEqualTo("violation");
  }

  @Test
  void aTokenOf1024BytesIsHeard() {
    String longest = "/" + "x".repeat(1022);
    assertThat(whole(supporting(longest), tokens(HEADER, longest)).end())
        .isEqualTo("agreed " + longest);
  }

  @Test
  void aTokenOf1025BytesIsAViolation() {
    String tooLong = "/" + "x".repeat(1023);
    assertThat(whole(supporting(tooLong), tokens(HEADER, tooLong)).end()).isEqualTo("violation");
  }

  @Test
  void malformedTokensAreViolations() {
    for (String token :
        List.of(
            "022f61", // no newline
            "00", // not even room for one
            "83002f610a", // length not minimal
            "ffffffffffffffffff", // length of 63 bits
            "03ff610a")) { // not UTF-8
      byte[] in = concat(tokens(HEADER), unhex(token));
      assertThat(whole(supporting("/a"), in).end()).as(token).isEqualTo("violation");
      assertThat(byteByByte(supporting("/a"), in).end()).as(token).isEqualTo("violation");
    }
  }

  @Test
  void aRemoteTokenCannotForgeALogLine() {
    byte[] in = tokens("/a\r\nINFO all is well\u202e\u001b[2J" + "x".repeat(500));
    assertThatThrownBy(() -> supporting("/a").consume(in, 0, in.length))
        .isInstanceOf(ProtocolViolation.class)
        .satisfies(e ->
            assertThat(e.getMessage())
                .doesNotContain("\n", "\r", "\u001b", "\u202e")
                .hasSizeLessThan(150));
  }

  @Test
  void afterAViolationItRefusesToGoOn() {
    MultistreamResponder responder = supporting("/a");
    byte[] in = tokens("/a");
    assertThatThrownBy(() -> responder.consume(in, 0, in.length))
        .isInstanceOf(ProtocolViolation.class);
    assertThatThrownBy(() -> responder.consume(in, 0, 1)).isInstanceOf(IllegalStateException.class);
  }

  private static MultistreamResponder supporting(String... protocols) {
    return new MultistreamResponder(Set.of(protocols)::contains);
  }

  private static byte[] times(int count, String token) {
    return tokens(Collections.nCopies(count, token).toArray(String[]::new));
  }
}
