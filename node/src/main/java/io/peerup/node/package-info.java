/// The daemon: configuration, identity, peers and paths, services, and their assembly.
@NullMarked
package io.peerup.node;

import org.jspecify.annotations.NullMarked;
