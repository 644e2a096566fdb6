package io.peerup.libp2p.tls;

import io.peerup.libp2p.MalformedInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.util.Locale;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1UTCTime;
import org.bouncycastle.asn1.BERTags;
import org.bouncycastle.asn1.x509.Time;

/// Times in certificates, [RFC 5280](https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5): "MUST
/// always encode certificate validity dates through the year 2049 as UTCTime; dates in 2050 or
/// later as GeneralizedTime", with seconds and a Z. Bouncy Castle's own conversion to dates loads
/// the JDK's data of every language, megabytes in a process that needs none.
final class CertificateTime {

  private static final DateTimeFormatter TEXT =
      DateTimeFormatter.ofPattern("uuuuMMddHHmmss'Z'", Locale.ROOT)
          .withResolverStyle(ResolverStyle.STRICT)
          .withZone(ZoneOffset.UTC);

  /// How Bouncy Castle ends what was a Z.
  private static final String GMT = "GMT+00:00";

  private CertificateTime() {}

  static Time of(Instant at) {
    String text = TEXT.format(at);
    boolean generalized = text.compareTo("2050") >= 0;
    byte[] letters = (generalized ? text : text.substring(2)).getBytes(StandardCharsets.US_ASCII);
    byte[] encoded = new byte[2 + letters.length];
    encoded[0] = (byte) (generalized ? BERTags.GENERALIZED_TIME : BERTags.UTC_TIME);
    encoded[1] = (byte) letters.length;
    System.arraycopy(letters, 0, encoded, 2, letters.length);
    try {
      return Time.getInstance(ASN1Primitive.fromByteArray(encoded));
    } catch (IOException e) {
      throw new IllegalStateException("not read as written: " + text, e);
    }
  }

  /// @throws MalformedInput if it is no such time
  static Instant read(ASN1Encodable time) {
    String text =
        switch (time.toASN1Primitive()) {
          case ASN1UTCTime utc -> utc.getAdjustedTime().replace(GMT, "Z");
          case ASN1GeneralizedTime generalized -> generalized.getTimeString();
          default -> "";
        };
    try {
      return TEXT.parse(text, Instant::from);
    } catch (DateTimeParseException e) {
      throw new MalformedInput("the certificate has a date that is none");
    }
  }
}
