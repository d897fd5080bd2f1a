/** Who is writing at this phone now. */
import { useSession } from '@/session/useSession'
import { i18n } from '@/i18n'
import type { Author } from './store'

export function author(): Author {
  const me = useSession().me.value
  if (!me)
    throw new Error(i18n.global.t('waits.signIn'))
  return { account: me.id, name: me.name, post: me.post.id, postName: `${i18n.global.t(`role.${me.post.role}`)} · ${me.post.organization ?? me.post.place}` }
}
