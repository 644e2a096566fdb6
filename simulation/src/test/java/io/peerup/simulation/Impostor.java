package io.peerup.simulation;

/// Somebody else at the relay's address, with an identity of its own.
final class Impostor extends Party {

  Impostor(World world) {
    super(world, "impostor", 99, 1);
  }

  @Override
  void forget() {}

  @Override
  void start() {}

  @Override
  boolean serves(Session session, String protocol) {
    return false;
  }

  @Override
  void serve(Line line, String protocol) {
    throw new Broken("somebody speaks " + protocol + " with the impostor");
  }
}
