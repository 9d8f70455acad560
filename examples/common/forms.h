/* SPDX-License-Identifier: MIT
 *
 * forms.h - what becomes of a text on its way through files, shells, forms and
 * encodings.
 */
#ifndef EXAMPLES_FORMS_H
#define EXAMPLES_FORMS_H

#include "finding.h"
#include "saturn/base.h"

/** The most changes in a row that are looked for. */
#define FORM_STEPS 2

/** A text, or what has become of it. */
struct form {
  uint8_t *data;
  size_t len;
  unsigned n; /**< how many changes were made */
  struct {
    enum finding_name finding;
    const char *said; /**< "decoded from base64" */
  } steps[FORM_STEPS];
};

/** All forms of a text, the text itself first, then by number of changes. */
struct forms {
  struct form *items;
  size_t n;
};

/** Make the forms that a secret may have on the other side. */
void forms_of_secret(struct forms *forms, struct saturn_bytes secret);

/** Make the forms that a password may have had before it came here. */
void forms_of_password(struct forms *forms, struct saturn_bytes password);

/** Overwrite and release them. */
void forms_clear(struct forms *forms);

/** A view of a form. */
static inline struct saturn_bytes
form_bytes(const struct form *form)
{
  return saturn_view(form->data, form->len);
}

/** Skip the line ends, blanks and tabs around a text. */
struct saturn_bytes form_trim(struct saturn_bytes text);

#endif
