import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { QUEUES } from './features/console/selecting'
import { home, useSession } from './session/useSession'

const console_ = () => import('./features/console/ConsolePage.vue')
const phone = () => import('./features/phone/PhoneShell.vue')

const routes: RouteRecordRaw[] = [
  { path: '/sign-in', component: () => import('./features/account/SignInPage.vue'), meta: { open: true } },
  { path: '/welcome', component: () => import('./features/account/WelcomePage.vue'), meta: { open: true } },
  { path: '/public', component: () => import('./features/public/PublicPage.vue'), meta: { open: true } },
  { path: '/account', component: () => import('./features/account/AccountPage.vue') },
  { path: '/invite', component: () => import('./features/account/InvitePage.vue') },
  { path: '/admin/:tab(people|organizations|assets|department|rules|procedures|categories|calendar|words|audit|running)?', component: () => import('./features/admin/AdminPage.vue') },
  { path: '/lists/:kind(problem|development|task)', component: () => import('./features/lists/ListsPage.vue') },
  { path: '/lists', redirect: '/lists/problem' },
  { path: '/items/:id', component: () => import('./features/lists/ItemPage.vue') },
  { path: '/year/:area(\\d+)?', component: () => import('./features/lists/YearPage.vue') },
  { path: '/reviews', component: () => import('./features/reviews/ReviewsPage.vue') },
  { path: '/reviews/:id', component: () => import('./features/reviews/ReviewPage.vue') },
  { path: '/deliberations', component: () => import('./features/deliberations/DeliberationsPage.vue') },
  { path: '/deliberations/rolls/:area(\\d{12})', component: () => import('./features/deliberations/RollsPage.vue') },
  { path: '/deliberations/:id', component: () => import('./features/deliberations/DeliberationPage.vue') },
  // An address of before that people may have kept.
  { path: '/decisions/:rest(.*)?', redirect: to => ({ path: `/deliberations/${String(to.params.rest ?? '')}`.replace(/\/$/, ''), query: to.query }) },
  { path: '/public/notices/:number?', component: () => import('./features/public/NoticesPage.vue'), meta: { open: true } },
  { path: '/hot-spots/:id?', component: () => import('./features/lists/HotSpotsPage.vue') },
  { path: '/desk', component: () => import('./features/intake/DeskPage.vue') },
  { path: '/board', component: () => import('./features/board/BoardPage.vue') },
  { path: '/', component: console_ },
  { path: `/queue/:queue(${Object.keys(QUEUES).join('|')})`, component: console_ },
  { path: '/events/:id', component: console_ },
  {
    path: '/m',
    component: phone,
    children: [
      { path: '', component: () => import('./features/phone/HomeView.vue') },
      { path: 'report', component: () => import('./features/phone/ReportView.vue') },
      { path: 'reports', component: () => import('./features/phone/ReportsView.vue') },
      { path: 'tasks', component: () => import('./features/phone/TasksView.vue') },
      { path: 'notices', component: () => import('./features/phone/NoticesView.vue') },
      { path: 'me', component: () => import('./features/phone/MeView.vue') },
      { path: 'events/:id', component: () => import('./features/phone/EventView.vue') },
    ],
  },
  { path: '/:rest(.*)', component: () => import('./components/NothingHere.vue'), meta: { open: true } },
]

export const router = createRouter({ history: createWebHistory(), routes })

router.beforeEach((to) => {
  const { me } = useSession()
  if (!to.meta.open && !me.value)
    return { path: '/sign-in', query: { to: to.fullPath } }
  // Who reads no cases begins with what they look after.
  if (to.path === '/' && me.value?.rights && !me.value.rights.includes('read_cases'))
    return home(me.value.post.role)
})

// A part of the page that did not arrive (the network, or a newer edition has taken its place): load
// the page anew, once.
const AGAIN = 'onemap.again'
router.onError((error: Error, to) => {
  if (!/dynamically imported module|module script failed/i.test(error.message) || sessionStorage.getItem(AGAIN) === to.fullPath)
    return
  sessionStorage.setItem(AGAIN, to.fullPath)
  location.assign(to.fullPath)
})
