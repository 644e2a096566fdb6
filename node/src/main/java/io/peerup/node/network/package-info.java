/// The groups this node belongs to: joining one with a code, keeping its members as introductions
/// arrive, and turning both into `authorized_keys`. The decisions are the machines of `pairing`;
/// here are the disk and the streams. Runs on virtual threads.
@NullMarked
package io.peerup.node.network;

import org.jspecify.annotations.NullMarked;
