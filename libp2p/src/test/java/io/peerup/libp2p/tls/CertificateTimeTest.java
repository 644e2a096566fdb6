package io.peerup.libp2p.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.MalformedInput;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.x509.Time;
import org.junit.jupiter.api.Test;

class CertificateTimeTest {

  private static ASN1Primitive encoded(int tag, String text) throws Exception {
    byte[] bytes = new byte[2 + text.length()];
    bytes[0] = (byte) tag;
    bytes[1] = (byte) text.length();
    for (int i = 0; i < text.length(); i++) {
      bytes[2 + i] = (byte) text.charAt(i);
    }
    return ASN1Primitive.fromByteArray(bytes);
  }

  @Test
  void timesAreWrittenAndReadAsBouncyCastleDoes() throws Exception {
    for (String text :
        new String[] {
          "1950-01-01T00:00:00Z",
          "1999-12-31T23:59:59Z",
          "2000-02-29T12:00:01Z",
          "2049-12-31T23:59:59Z",
          "2050-01-01T00:00:00Z",
          "4096-01-01T00:00:00Z",
          "9999-12-31T23:59:59Z"
        }) {
      Instant at = Instant.parse(text);
      Time theirs = new Time(Date.from(at));
      assertThat(CertificateTime.of(at).getEncoded()).as(text).isEqualTo(theirs.getEncoded());
      assertThat(CertificateTime.read(theirs)).isEqualTo(at);
    }
  }

  @Test
  void whatIsNoTimeIsRefused() throws Exception {
    for (ASN1Primitive wrong :
        new ASN1Primitive[] {
          new ASN1Integer(7),
          encoded(0x17, "500230000000Z"),
          encoded(0x17, "500101000000+0100"),
          encoded(0x18, "20500101000000.5Z"),
          encoded(0x18, "20500101000000"),
          encoded(0x18, "2050010100Z")
        }) {
      assertThatThrownBy(() -> CertificateTime.read(wrong))
          .as("%s", wrong)
          .isInstanceOf(MalformedInput.class);
    }
  }
}
