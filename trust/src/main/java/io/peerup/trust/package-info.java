/// Who may speak to us: authorized_keys and one decision class.
@NullMarked
package io.peerup.trust;

import org.jspecify.annotations.NullMarked;
