import { createApp } from 'vue'
import App from './App.vue'
import { Problem } from './api/client'
import { toast } from './components/toasts'
import { i18n } from './i18n'
import { router } from './router'
import { useSession } from './session/useSession'
import './styles/base.css'

const app = createApp(App).use(i18n).use(router)

/** What no page has caught is said to the person, never only to the console. */
function tell(error: unknown): void {
  if (error instanceof Problem)
    toast(error.message, 'error')
  else
    console.error(error)
}
app.config.errorHandler = tell
window.addEventListener('unhandledrejection', (event) => {
  if (event.reason instanceof Problem) {
    event.preventDefault()
    tell(event.reason)
  }
})
app.mount('#app')

// What was kept may be of yesterday: posts end, rights change, editions give them other names.
const { me, check } = useSession()
if (me.value)
  void check()

// A page on plain http in a local network has no service worker; everything else works there.
if ('serviceWorker' in navigator && import.meta.env.PROD)
  void navigator.serviceWorker.register('/sw.js', { type: 'module' })
