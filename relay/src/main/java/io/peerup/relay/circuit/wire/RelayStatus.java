package io.peerup.relay.circuit.wire;

import java.util.Optional;

/// The status codes of circuit relay v2, with what each tells the one who asked.
public enum RelayStatus {
  OK(100, "ok"),
  RESERVATION_REFUSED(200, "the relay refuses the reservation for now"),
  RESOURCE_LIMIT_EXCEEDED(201, "a limit of the relay is used up"),
  PERMISSION_DENIED(202, "the relay does not permit it"),
  CONNECTION_FAILED(203, "the relay could not reach the peer"),
  NO_RESERVATION(204, "the peer has no reservation at the relay"),
  MALFORMED_MESSAGE(400, "the message was malformed"),
  UNEXPECTED_MESSAGE(401, "the message was not expected here");

  private final int code;
  private final String meaning;

  RelayStatus(int code, String meaning) {
    this.code = code;
    this.meaning = meaning;
  }

  /// The number on the wire.
  public int code() {
    return code;
  }

  /// A sentence part for people.
  public String meaning() {
    return meaning;
  }

  /// The status of this number, or empty for numbers from the future.
  public static Optional<RelayStatus> of(int code) {
    for (RelayStatus status : values()) {
      if (status.code == code) {
        return Optional.of(status);
      }
    }
    return Optional.empty();
  }

  /// For logs and messages: name and number, also of unknown ones.
  public static String describe(int code) {
    return of(code).map(s -> s.meaning + " (" + s + " " + code + ")").orElse("status " + code);
  }
}
