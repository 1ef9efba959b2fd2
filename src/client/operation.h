/* What can be asked of the service: one row an operation. Pure; any thread. */
#ifndef HG_OPERATION_H
#define HG_OPERATION_H

#pragma GCC visibility push(hidden)

enum hg_operation { HG_DELETE_PHOTO_AVATAR, HG_DELETE_AVATAR_GROUP, HG_OPERATIONS };

enum hg_api_version {
  HG_API_V2,
  HG_API_V3,
  HG_API_VERSIONS,
  /* Choices without a route of their own: v2 until its route turns out to be gone, then v3; and
   * what the environment says, else auto. */
  HG_API_AUTO = HG_API_VERSIONS,
  HG_API_UNSET,
  HG_API_CHOICES = HG_API_UNSET
};

enum hg_effect { HG_EFFECT_DELETE };

/* Longest list of nouns, and of codes. */
enum { HG_MAX_NOUNS = 8, HG_MAX_OWN_CODES = 8 };

struct hg_operation_row {
  const char *name;                    /* of its method: "delete_photo_avatar" */
  const char *plural;                  /* of the bulk run's: "delete_photo_avatars" */
  const char *method;                  /* "DELETE" */
  const char *routes[HG_API_VERSIONS]; /* the id follows */
  enum hg_effect effect;
  /* What the service may call the thing with the id, in the singular; NULL ends the list. */
  const char *nouns[HG_MAX_NOUNS + 1];
  /* The codes that say that there is no such thing, numbers in decimal; NULL ends the list. */
  const char *no_such_codes[HG_MAX_OWN_CODES + 1];
};

const struct hg_operation_row *hg_operation_row(enum hg_operation operation);

/* "v2", "v3", "auto" */
const char *hg_operation_version_name(enum hg_api_version version);

#pragma GCC visibility pop

#endif
