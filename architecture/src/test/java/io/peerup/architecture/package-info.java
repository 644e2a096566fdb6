/// The walls of the house. `docs/ARCHITECTURE.md` says why they stand where they stand.
@NullMarked
package io.peerup.architecture;

import org.jspecify.annotations.NullMarked;
